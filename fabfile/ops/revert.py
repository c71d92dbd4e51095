"""Takes one host back out of a change that failed on another one, by an ordinary rollback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..host.door import Host
from ..pure.errors import PreflightError
from ..pure.human import short
from .deploy import Deployed
from .rollback import Wish, rollback


def go_back(host: Host, made: Mapping[str, Any]) -> Deployed:
    """Go back to the backup that this deploy made first; return what came of it; raise OpsError."""
    _refuse_changed(host, made)
    if not made.get("backup"):
        raise PreflightError("the deploy left no backup to go back to", host.typed("backup.list"))
    return rollback(host, Wish(str(made["backup"])))


def undo(host: Host, made: Mapping[str, Any]) -> Deployed:
    """Go back to what this rollback left; return what came of it; raise OpsError."""
    _refuse_changed(host, made)
    return rollback(host, Wish(undo=True))


def _refuse_changed(host: Host, made: Mapping[str, Any]) -> None:
    """Raise PreflightError when something else is live by now: that is somebody's newer change."""
    live = str(host.ask("standing", want=[])["live"])
    if live != made.get("revision"):
        message = f"{short(live) or 'something else'} is live by now: somebody else changed it"
        raise PreflightError(message, host.typed("deploy.history"))
