"""Takes one host back out of a change that failed on another one, by an ordinary rollback."""

from __future__ import annotations

from collections.abc import Mapping

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.backup.job import verdict
from mantodeus_ops.deploy.deploy import DeployResult
from mantodeus_ops.deploy.rollback import RollbackOptions, rollback
from mantodeus_ops.deploy.rollback_candidates import states
from mantodeus_ops.deploy.rollback_target import other_than
from mantodeus_ops.errors import PreflightError, RollbackFailedError
from mantodeus_ops.remote.answers.programs import HOST_STATE
from mantodeus_ops.remote.host import Host
from mantodeus_ops.text.format import short


def go_back(host: Host, made: Mapping[str, object]) -> DeployResult:
    """Go back to the backup that this deploy made first; return what came of it; raise OpsError."""
    _refuse_changed(host, made)
    if not made.get("backup"):
        raise PreflightError(
            "the deploy left no backup to go back to", host.command_for("backup.list")
        )
    done = rollback(host, RollbackOptions(str(made["backup"])))
    if not host.dry_run:
        _prove(host, str(made["backup"]))
    return done


def undo(host: Host, made: Mapping[str, object]) -> DeployResult:
    """Go back to what this rollback left; return what came of it; raise OpsError."""
    _refuse_changed(host, made)
    return rollback(host, RollbackOptions(undo=True))


def _prove(host: Host, name: str) -> None:
    """Raise RollbackFailedError unless revision and .env of that state are live, and answer.

    The commit has proven the other parts, into which the app may have written since.
    """
    facts, seen = gather_facts(host, "health"), states(host)
    wrong = [what for what in other_than(name, seen) if what in {"revision", host.app.env_file}]
    if not wrong and verdict(facts) == "good":
        return
    why = f"{', '.join(wrong)} differ from it" if wrong else "the app does not answer"
    message = f"{host.name} does not run what is in {name}: {why}"
    raise RollbackFailedError(message, host.command_for("status"))


def _refuse_changed(host: Host, made: Mapping[str, object]) -> None:
    """Raise PreflightError when something else is live by now: that is a newer change."""
    live = str(host.query(HOST_STATE, want=[])["live"])
    if live != made.get("revision"):
        message = (
            f"{short(live) or 'something else'} is live by now: another change came in between"
        )
        raise PreflightError(message, host.command_for("deploy.history"))
