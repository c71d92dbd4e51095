"""Ship, roll back, start and stop the app, one whole version at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from . import ops
from .host.task import WayBack, task
from .pure.batches import whole_number
from .pure.errors import UsageError
from .pure.outcome import Report
from .pure.words import part_words

if TYPE_CHECKING:
    from .host.door import Host

_DEPLOY = {
    "ref": "Branch, tag or revision to make live (the inventory's branch).",
    "skip-backup": "Make no backup first.",
    "skip-health": "Go live without waiting for a healthy answer.",
    "skip-boot-test": "Do not start the staged build beside the live app first.",
    "allow-dirty": "Replace edited files, saved as a patch; take along what the app wrote.",
    "force-install": "Install dependencies even if the lockfile did not change.",
}


def _go_back(host: Host, made: Mapping[str, Any]) -> Report:
    return _report(ops.revert.go_back(host, made))


def _undo(host: Host, made: Mapping[str, Any]) -> Report:
    return _report(ops.revert.undo(host, made))


@task(
    view="deploy",
    changes=True,
    default=True,
    options=_DEPLOY,
    reverts=WayBack(_go_back, unless="skip_backup"),
)
def deploy(  # noqa: PLR0913, PLR0917 - each is an option of the contract
    host: Host,
    ref: str = "",
    skip_backup: bool = False,
    skip_health: bool = False,
    skip_boot_test: bool = False,
    allow_dirty: bool = False,
    force_install: bool = False,
) -> Report:
    """Ship a revision: staged and tested beside the live app, then swapped in.

    fab -H manager deploy --dry-run  # every command it would run
    fab -H manager deploy
    fab -H web deploy --ref v1.4.0 --batch 25%  # a quarter of the hosts at a time
    """
    wanted = ops.deploy.Wanted(
        ref=ref,
        skip_backup=skip_backup,
        skip_health=skip_health,
        skip_boot_test=skip_boot_test,
        allow_dirty=allow_dirty,
        force_install=force_install,
    )
    return _report(ops.deploy.deploy(host, wanted))


@task(view="deploy", changes=True)
def setup(host: Host) -> Report:
    """Prepare an empty host and make the first deploy.

    fab -H manager deploy.setup
    """
    return _report(ops.setup.setup(host))


@task(view="deploy", changes=True)
def restart(host: Host) -> Report:
    """Reload the app and wait until the new process is healthy.

    fab -H manager restart
    fab -H web restart --wait 300  # wait for a deploy that is under way
    """
    return _report(ops.control.restart(host))


@task(
    view="deploy",
    changes=True,
    options={
        "backup": "The backup to go to, by its name or its file (the newest good state).",
        "keep-env": "Leave .env as it is.",
        "undo": "Go back to what the last rollback replaced.",
    },
    reverts=WayBack(_undo, unless="undo"),
)
def rollback(host: Host, backup: str = "", keep_env: bool = False, undo: bool = False) -> Report:
    """Go back to the last good state: outputs, dependencies, .env and work tree.

    fab -H manager rollback --dry-run  # where it would go
    fab -H manager rollback
    fab -H manager rollback --undo  # back to what the last rollback left
    fab -H manager rollback --backup backup-20251205-143000 --keep-env
    """
    from .pure.target import named  # noqa: PLC0415 - a listing needs none of it

    wish = ops.rollback.Wish(named(backup), keep_env=keep_env, undo=undo)
    if backup and undo:
        raise UsageError("--backup and --undo name two different states", "rollback --undo")
    return _report(ops.rollback.rollback(host, wish))


@task(view="deploy", changes=True)
def start(host: Host) -> Report:
    """Start the app if it is stopped.

    fab -H manager deploy.start
    """
    return _report(ops.control.start(host))


@task(view="deploy", changes=True)
def stop(host: Host) -> Report:
    """Stop the app; it stays stopped until deploy.start.

    fab -H manager deploy.stop
    """
    return _report(ops.control.stop(host))


@task(view="history", options={"lines": "Entries to show, newest first (20)."})
def history(host: Host, lines: str = "20") -> Report:
    """Show who changed what, when, from where, and what came of it.

    fab -H manager deploy.history --lines 5
    """
    return Report("success", {"entries": ops.control.history(host, whole_number(lines, "lines"))})


@task(options={"job": "The job to follow (the newest)."})
def follow(host: Host, job: str = "") -> Report:
    """Join a running step from another terminal.

    fab -H manager deploy.follow
    """
    return Report("success", ops.control.follow(host, job))


@task(name="lock", changes=True, options={"reason": "Why deploys are frozen; shown at each try."})
def freeze(host: Host, reason: str = "") -> Report:
    """Freeze the app: no change until deploy.unlock.

    fab -H manager deploy.lock --reason "the fair, until Monday"
    """
    if host.dry_run:
        host.note("would freeze the app")
        return Report("success")
    kept = ops.lock.freeze(host, reason=reason)
    return Report("success", {"lock": f"frozen: {kept}" if kept else "frozen"})


@task(changes=True)
def unlock(host: Host) -> Report:
    """End a freeze; the lock of a living run is never touched.

    fab -H manager deploy.unlock
    """
    return ops.control.unlock(host)


def _report(done: ops.deploy.Deployed) -> Report:
    data = {key: value for key, value in asdict(done).items() if value is not None}
    words = {} if done.plan else part_words(done.steps)
    missing = {key: word for key, word in words.items() if not data.get(key)}
    return Report(data.pop("status"), data | missing)
