"""The changes of an app's `.env`: set, unset, sync; each is read back before it is written."""

from __future__ import annotations

from ..host.door import Host
from ..pure.env_edit import Edit, checked_name, set_variable, unset_variable
from ..pure.env_sync import with_example
from ..pure.errors import PreflightError
from ..pure.outcome import Report
from ..pure.redaction import secret_values
from ..pure.variables import is_built_in, reserved
from .confirm import confirm
from .env_write import Change, changed

__all__ = ["set_value", "sync", "unset"]


def set_value(host: Host, name: str, value: str, *, restart: bool) -> Report:
    """Give a variable this value; return what came of it; raise UsageError, OpsError.

    With restart, the app is reloaded, and has the old file back when it does not become healthy.
    """
    checked_name(name)
    host.hide(secret_values({}, also=[value]))
    _ask_about(host, name)

    def edit(change: Change) -> Edit:
        return set_variable(change.file.text, name, value)

    report = changed(host, "env.set", [name], edit, restart=restart)
    if is_built_in(name) and report.status == "success":
        host.note(f"{name} is built into the pages: it shows after the next {host.typed('deploy')}")
    return report


def unset(host: Host, name: str, *, restart: bool) -> Report:
    """Remove a variable, every assignment of it; return what came of it."""
    checked_name(name)

    def edit(change: Change) -> Edit:
        if name in host.app.required_env and not host.dry_run:
            confirm(host, f"{name} is required by the inventory. Remove it?")
        edited = unset_variable(change.file.text, name)
        if not edited.lines:
            host.note(f"{name} is not in {change.file.file}")
        return edited

    return changed(host, "env.unset", [name], edit, restart=restart)


def sync(host: Host, *, restart: bool) -> Report:
    """Add what the example has and `.env` lacks; say which of it needs a real value."""
    to_fill: list[str] = []

    def edit(change: Change) -> Edit:
        if change.around["example"] is None:
            message = f"{host.app.env_example} is not there: nothing says what the app needs"
            raise PreflightError(message, "set env_example in the inventory")
        synced = with_example(change.file.text, change.around["example"])
        to_fill.extend(synced.to_fill)
        change.data |= {"added": list(synced.added), "to_fill": to_fill}
        return Edit(synced.text)

    report = changed(host, "env.sync", [], edit, restart=restart)
    for name in to_fill:
        host.note(f"{name} needs a real value: {host.typed(f'env.set {name}')}")
    return report


def _ask_about(host: Host, name: str) -> None:
    why = reserved(name)
    if why and not host.dry_run:
        confirm(host, f"{name}: {why}. Set it nevertheless?")
