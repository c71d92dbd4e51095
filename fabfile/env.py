"""Change the app's settings in .env safely: names are shown, values never."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mantodeus_ops.cli.task import task
from mantodeus_ops.results import TaskResult

if TYPE_CHECKING:
    from mantodeus_ops.remote.host import Host

_RESTART = {"restart": "Reload the app; the old file comes back if it does not become healthy."}
_NAME = {"name": "The variable's name."}
_VALUE = {
    "value": "Never typed here, where ps and the history see it: it is asked for, or piped in.",
    "from-file": "A file that holds the value.",
    "empty": "Set it to nothing.",
}


@task(name="list", view="variables", default=True)
def listing(host: Host) -> TaskResult:
    """List the variables in .env and their state; values are never shown.

    fab -H manager env
    """
    from mantodeus_ops.env import inspect

    return inspect.listing(host)


@task(name="set", view="change_view", changes=True, options=_NAME | _VALUE | _RESTART, asks="value")
def set_value(
    host: Host,
    name: str,
    value: str = "",
    from_file: str = "",
    empty: bool = False,
    restart: bool = False,
) -> TaskResult:
    """Set a variable; its value comes from a hidden prompt, a pipe or a file.

    fab -H manager env.set JWT_SECRET --restart  # asks twice, hidden
    openssl rand -hex 32 | fab -H web env.set JWT_SECRET
    fab -H manager env.set GOOGLE_KEY --from-file key.pem
    """
    from mantodeus_ops.env import edit

    del from_file, empty  # they only say where the value comes from
    return edit.set_value(host, name, value, restart=restart)


@task(view="change_view", changes=True, options=_NAME | _RESTART)
def unset(host: Host, name: str, restart: bool = False) -> TaskResult:
    """Remove a variable, every assignment of it.

    fab -H manager env.unset OLD_KEY --restart
    """
    from mantodeus_ops.env import edit

    return edit.unset(host, name, restart=restart)


@task(view="change_view", changes=True, options=_RESTART)
def sync(host: Host, restart: bool = False) -> TaskResult:
    """Add the variables that .env lacks from .env.example; list those that need a value.

    fab -H manager env.sync --dry-run
    fab -H manager env.sync
    """
    from mantodeus_ops.env import edit

    return edit.sync(host, restart=restart)


@task(view="check_view")
def check(host: Host) -> TaskResult:
    """Check .env: required, placeholders, quoting, modes, git, databases, the running process.

    fab -H manager env.check
    """
    from mantodeus_ops.env import inspect

    return inspect.check(host)


def _across(reports: Mapping[str, TaskResult]) -> Mapping[str, TaskResult]:
    from mantodeus_ops.env import inspect

    return inspect.across(reports)


@task(view="diff_view", across=_across)
def diff(host: Host) -> TaskResult:
    """Compare .env with its example and the process, and between hosts.

    fab -H web env.diff
    """
    from mantodeus_ops.env import inspect

    return inspect.diff(host)
