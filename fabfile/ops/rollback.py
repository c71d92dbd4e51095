"""Goes back to the version before, which is kept ready: a matter of renames and one reload."""

from __future__ import annotations

from typing import Any

from ..host.door import Host
from ..pure.errors import PreflightError
from ..pure.human import short
from ..pure.revision import checkout_back
from ..pure.shell import Command
from .commit import commit
from .deploy import Deployed
from .facts import Facts, look
from .lock import locked
from .recover import recover
from .steps import Steps


def rollback(host: Host, *, undo: bool) -> Deployed:
    """Make the kept state live again; with undo, the one that a rollback replaced.

    Raise PreflightError when no such state is kept, RolledBackError when it turned out unhealthy.
    """
    with locked(host, "rollback") as lock:
        facts = look(host, "health")
        if recover(host, lock, facts):
            facts = look(host, "health")
        kept = _kept(host, facts, undo=undo)
        what = _commitment(facts, kept)
        if host.dry_run:
            _tell(host, what)
            return _done(what, [])
        ended = commit(host, Steps(host), task="rollback", run=lock.run, **what)
        return _done(what, ended.result.get("steps", []))


def _kept(host: Host, facts: Facts, *, undo: bool) -> dict[str, Any]:
    found = [one for one in facts["previous"] if bool(one["state"].get("undo")) == undo]
    if found:
        return dict(found[-1])
    if undo:
        raise PreflightError("there is no rollback to undo", host.typed("deploy.history"))
    message = "no earlier version is kept ready; backups can be unpacked by hand"
    raise PreflightError(message, host.typed("backup.list"))


def _commitment(facts: Facts, kept: dict[str, Any]) -> dict[str, Any]:
    state, git = kept["state"], facts["git"]
    before = state.get("live") or {}
    return {
        "source": f"previous/{kept['run']}",
        "swaps": state["swaps"],
        "checkout": list(checkout_back(state["branch"], state["head"])),
        "entry": state["entry"],
        "live": state.get("live"),
        "revision": before.get("revision") or state["head"],
        "previous_revision": (facts["live"] or {}).get("revision") or git["head"],
        "head": git["head"],
        "head_branch": git["branch"],
    }


def _tell(host: Host, what: dict[str, Any]) -> None:
    project = str(host.app.project_dir)
    for name in what["swaps"]:
        host.would(Command(("mv", f".deploy/{what['source']}/{name}", name), project))
    host.would(Command(("git", *what["checkout"]), project))
    host.would(Command(("pm2", "reload", host.app.name), project))
    host.note(f"{short(what['revision'])} would be live again")


def _done(what: dict[str, Any], steps: list[dict[str, Any]]) -> Deployed:
    return Deployed("success", what["revision"], what["previous_revision"], steps=steps)
