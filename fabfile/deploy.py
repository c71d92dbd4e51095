"""Ship, roll back, start and stop the app, one whole version at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

from mantodeus_ops.cli.task import task
from mantodeus_ops.deploy.legacy_json_fields import part_words
from mantodeus_ops.errors import UsageError
from mantodeus_ops.fleet.batches import whole_number
from mantodeus_ops.fleet.task_spec import RevertPlan
from mantodeus_ops.results import TaskResult

if TYPE_CHECKING:
    from mantodeus_ops.deploy.deploy import DeployResult
    from mantodeus_ops.remote.host import Host

_DEPLOY = {
    "ref": "Branch, tag or revision to make live (the inventory's branch).",
    "skip-backup": "Make no backup first.",
    "skip-health": "Go live without waiting for a healthy answer.",
    "skip-boot-test": "Do not start the staged build beside the live app first.",
    "allow-dirty": "Replace edited files, saved as a patch; keep files that the app wrote.",
    "force-install": "Install dependencies even if the lockfile did not change.",
}


def _go_back(host: Host, deployed: Mapping[str, object]) -> TaskResult:
    from mantodeus_ops.rollback import revert

    return _report(revert.go_back(host, deployed))


def _undo(host: Host, rolled_back: Mapping[str, object]) -> TaskResult:
    from mantodeus_ops.rollback import revert

    return _report(revert.undo(host, rolled_back))


@task(
    view="deploy",
    changes=True,
    default=True,
    options=_DEPLOY,
    reverts=RevertPlan(_go_back, unless="skip_backup"),
)
def deploy(  # noqa: PLR0913, PLR0917 - each is an option of the contract
    host: Host,
    ref: str = "",
    skip_backup: bool = False,
    skip_health: bool = False,
    skip_boot_test: bool = False,
    allow_dirty: bool = False,
    force_install: bool = False,
) -> TaskResult:
    """Ship a revision: staged and tested beside the live app, then swapped in.

    fab -H manager deploy --dry-run  # every command it would run
    fab -H manager deploy
    fab -H web deploy --ref v1.4.0 --batch 25%  # a quarter of the hosts at a time
    """
    from mantodeus_ops.deploy import deploy as deploy_flow

    options = deploy_flow.DeployOptions(
        ref=ref,
        skip_backup=skip_backup,
        skip_health=skip_health,
        skip_boot_test=skip_boot_test,
        allow_dirty=allow_dirty,
        force_install=force_install,
    )
    return _report(deploy_flow.deploy(host, options))


@task(view="deploy", changes=True)
def setup(host: Host) -> TaskResult:
    """Prepare an empty host and make the first deploy.

    fab -H manager deploy.setup
    """
    from mantodeus_ops.deploy import setup as setup_flow

    return _report(setup_flow.setup(host))


@task(view="deploy", changes=True)
def restart(host: Host) -> TaskResult:
    """Reload the app and wait until the new process is healthy.

    fab -H manager restart
    fab -H web restart --wait 300  # wait for a running deploy
    """
    from mantodeus_ops.deploy import lifecycle

    return _report(lifecycle.restart(host))


@task(
    view="deploy",
    changes=True,
    options={
        "backup": "The backup to go to, by its name or its file (the newest good state).",
        "keep-env": "Leave .env as it is.",
        "undo": "Restore the state that the last rollback replaced.",
    },
    reverts=RevertPlan(_undo, unless="undo"),
)
def rollback(
    host: Host, backup: str = "", keep_env: bool = False, undo: bool = False
) -> TaskResult:
    """Roll back to the last good state: outputs, dependencies, .env and work tree.

    fab -H manager rollback --dry-run  # where it would go
    fab -H manager rollback
    fab -H manager rollback --undo  # back to what the last rollback left
    fab -H manager rollback --backup backup-20251205-143000 --keep-env
    """
    from mantodeus_ops.backup.naming import backup_name
    from mantodeus_ops.rollback import rollback as rollback_flow

    options = rollback_flow.RollbackOptions(backup_name(backup), keep_env=keep_env, undo=undo)
    if backup and undo:
        raise UsageError("--backup and --undo name two different states", "rollback --undo")
    return _report(rollback_flow.rollback(host, options))


@task(view="deploy", changes=True)
def start(host: Host) -> TaskResult:
    """Start the app if it is stopped.

    fab -H manager deploy.start
    """
    from mantodeus_ops.deploy import lifecycle

    return _report(lifecycle.start(host))


@task(view="deploy", changes=True)
def stop(host: Host) -> TaskResult:
    """Stop the app; it stays stopped until deploy.start.

    fab -H manager deploy.stop
    """
    from mantodeus_ops.deploy import lifecycle

    return _report(lifecycle.stop(host))


@task(view="history", options={"lines": "Entries to show, newest first (20)."})
def history(host: Host, lines: str = "20") -> TaskResult:
    """Show the history: changes, operators, times and results.

    fab -H manager deploy.history --lines 5
    """
    from mantodeus_ops.deploy import lifecycle

    return TaskResult("success", {"entries": lifecycle.history(host, whole_number(lines, "lines"))})


@task(options={"job": "The job to follow (the newest)."})
def follow(host: Host, job: str = "") -> TaskResult:
    """Join a running step from another terminal.

    fab -H manager deploy.follow
    """
    from mantodeus_ops.deploy import lifecycle

    return TaskResult("success", lifecycle.follow(host, job))


@task(name="lock", changes=True, options={"reason": "Why deploys are frozen; shown at each try."})
def freeze(host: Host, reason: str = "") -> TaskResult:
    """Freeze the app: no change until deploy.unlock.

    fab -H manager deploy.lock --reason "the fair, until Monday"
    """
    from mantodeus_ops.transaction import lock

    if host.dry_run:
        host.info("would freeze the app")
        return TaskResult("success")
    stored_reason = lock.freeze(host, reason=reason)
    return TaskResult(
        "success", {"lock": f"frozen: {stored_reason}" if stored_reason else "frozen"}
    )


@task(changes=True)
def unlock(host: Host) -> TaskResult:
    """End a freeze; the lock of a live run is never removed.

    fab -H manager deploy.unlock
    """
    from mantodeus_ops.deploy import lifecycle

    return lifecycle.unlock(host)


def _report(done: DeployResult) -> TaskResult:
    data = {key: value for key, value in asdict(done).items() if value is not None}
    words = {} if done.plan else part_words(done.steps)
    missing = {key: word for key, word in words.items() if not data.get(key)}
    return TaskResult(data.pop("status"), data | missing)
