"""Takes one host back out of a change that failed on another one, by an ordinary rollback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..host.door import Host
from ..pure.errors import PreflightError, RollbackFailedError
from ..pure.human import short
from ..pure.target import other_than
from .backup import verdict
from .choice import states
from .deploy import Deployed
from .facts import look
from .rollback import Wish, rollback


def go_back(host: Host, made: Mapping[str, Any]) -> Deployed:
    """Go back to the backup that this deploy made first; return what came of it; raise OpsError."""
    _refuse_changed(host, made)
    if not made.get("backup"):
        raise PreflightError("the deploy left no backup to go back to", host.typed("backup.list"))
    done = rollback(host, Wish(str(made["backup"])))
    if not host.dry_run:
        _prove(host, str(made["backup"]))
    return done


def undo(host: Host, made: Mapping[str, Any]) -> Deployed:
    """Go back to what this rollback left; return what came of it; raise OpsError."""
    _refuse_changed(host, made)
    return rollback(host, Wish(undo=True))


def _prove(host: Host, name: str) -> None:
    """Raise RollbackFailedError unless revision and .env of that state are live, and answer.

    The commit has proven the other parts, into which the app may have written since.
    """
    facts, seen = look(host, "health"), states(host)
    wrong = [what for what in other_than(name, seen) if what in {"revision", host.app.env_file}]
    if not wrong and verdict(facts) == "good":
        return
    why = f"{', '.join(wrong)} differ from it" if wrong else "the app does not answer"
    message = f"{host.name} does not run what is in {name}: {why}"
    raise RollbackFailedError(message, host.typed("status"))


def _refuse_changed(host: Host, made: Mapping[str, Any]) -> None:
    """Raise PreflightError when something else is live by now: that is a newer change."""
    live = str(host.ask("standing", want=[])["live"])
    if live != made.get("revision"):
        message = (
            f"{short(live) or 'something else'} is live by now: another change came in between"
        )
        raise PreflightError(message, host.typed("deploy.history"))
