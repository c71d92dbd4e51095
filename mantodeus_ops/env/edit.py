"""The tasks env.set, unset and sync; changes are verified before they are written."""

from __future__ import annotations

from mantodeus_ops.dotenv.edit import Edit, checked_name, set_variable, unset_variable
from mantodeus_ops.env.apply import EnvChange, apply_env_change
from mantodeus_ops.env.sync_rules import with_example
from mantodeus_ops.env.variables import is_built_in, reserved
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.redaction.redactor import secret_values
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult
from mantodeus_ops.transaction.confirm import confirm

__all__ = ["set_value", "sync", "unset"]


def set_value(host: Host, name: str, value: str, *, restart: bool) -> TaskResult:
    """Set a variable; return the result; raise UsageError, OpsError.

    With restart, reload the app, and restore the old file when it does not become healthy.
    """
    checked_name(name)
    host.add_secrets(secret_values({}, also=[value]))
    _ask_about(host, name)

    def edit(change: EnvChange) -> Edit:
        return set_variable(change.file.text, name, value)

    result = apply_env_change(host, "env.set", [name], edit, restart=restart)
    if is_built_in(name) and result.status == "success":
        host.info(
            f"{name} is built into the pages: it shows after the next {host.command_for('deploy')}"
        )
    return result


def unset(host: Host, name: str, *, restart: bool) -> TaskResult:
    """Remove all assignments of a variable; return the result."""
    checked_name(name)

    def edit(change: EnvChange) -> Edit:
        if name in host.app.required_env and not host.dry_run:
            confirm(host, f"{name} is required by the inventory. Remove it?")
        edited = unset_variable(change.file.text, name)
        if not edited.lines:
            host.info(f"{name} is not in {change.file.file}")
        return edited

    return apply_env_change(host, "env.unset", [name], edit, restart=restart)


def sync(host: Host, *, restart: bool) -> TaskResult:
    """Add the variables that `.env` lacks from the example; report those that need a value."""
    to_fill: list[str] = []

    def edit(change: EnvChange) -> Edit:
        if change.around["example"] is None:
            message = f"{host.app.env_example} does not exist, so the needed variables are unknown"
            raise PreflightError(message, "set env_example in the inventory")
        synced = with_example(change.file.text, change.around["example"])
        to_fill.extend(synced.to_fill)
        change.data |= {"added": list(synced.added), "to_fill": to_fill}
        return Edit(synced.text)

    result = apply_env_change(host, "env.sync", [], edit, restart=restart)
    for name in to_fill:
        host.info(f"{name} needs a real value: {host.command_for(f'env.set {name}')}")
    return result


def _ask_about(host: Host, name: str) -> None:
    why = reserved(name)
    if why and not host.dry_run:
        confirm(host, f"{name}: {why}. Set it nevertheless?")
