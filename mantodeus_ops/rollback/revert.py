"""Reverts one host after a change failed on another, by an ordinary rollback."""

from __future__ import annotations

from collections.abc import Mapping

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.backup.job import verdict
from mantodeus_ops.deploy.deploy import DeployResult
from mantodeus_ops.errors import PreflightError, RollbackFailedError
from mantodeus_ops.remote.answers.programs import HOST_STATE
from mantodeus_ops.remote.host import Host
from mantodeus_ops.rollback.candidates import differences_from
from mantodeus_ops.rollback.choose import states
from mantodeus_ops.rollback.rollback import RollbackOptions, rollback
from mantodeus_ops.text.format import short


def go_back(host: Host, deployed: Mapping[str, object]) -> DeployResult:
    """Roll back to the backup made before this deploy; return the result; raise OpsError."""
    _refuse_changed(host, deployed)
    if not deployed.get("backup"):
        raise PreflightError(
            "the deploy made no backup to restore", host.command_for("backup.list")
        )
    done = rollback(host, RollbackOptions(str(deployed["backup"])))
    if not host.dry_run:
        _prove(host, str(deployed["backup"]))
    return done


def undo(host: Host, rolled_back: Mapping[str, object]) -> DeployResult:
    """Undo this rollback; return the result; raise OpsError."""
    _refuse_changed(host, rolled_back)
    return rollback(host, RollbackOptions(undo=True))


def _prove(host: Host, name: str) -> None:
    """Raise RollbackFailedError unless revision and .env of that state are live and healthy.

    The activation verified the other parts, which the app may have changed since.
    """
    facts, host_states = gather_facts(host, "health"), states(host)
    wrong = [
        part
        for part in differences_from(name, host_states)
        if part in {"revision", host.app.env_file}
    ]
    if not wrong and verdict(facts) == "good":
        return
    why = f"{', '.join(wrong)} differ from it" if wrong else "the app does not answer"
    message = f"{host.name} does not run the state in {name}: {why}"
    raise RollbackFailedError(message, host.command_for("status"))


def _refuse_changed(host: Host, change: Mapping[str, object]) -> None:
    """Raise PreflightError when a newer change is live."""
    live = str(host.query(HOST_STATE, want=[])["live"])
    if live != change.get("revision"):
        message = f"{short(live) or 'something else'} is live now, after another change"
        raise PreflightError(message, host.command_for("deploy.history"))
