"""Stages a revision beside the live app: work tree, dependencies, build and boot test."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.deploy.plan import BUILD_SECONDS, Plan, app_folder
from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.git.git_commands import WORKTREE_SECONDS, add_worktree, fetch
from mantodeus_ops.install.dependencies import is_uncovered
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.deploy import RecordedStage
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.programs import (
    BOOT_TEST,
    CLEAR_GIT_LOCKS,
    NODE_MODULES_DIR,
    RECORD_STAGE,
    SAVE_PATCH,
    STAGE,
)
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import Job, commands_job, program_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.steps import Steps


def fetch_revision(host: Host, steps: Steps) -> None:
    """Fetch all branches and tags of the remote; raise StepFailedError.

    Stale locks of a killed git are removed first.
    """
    command = fetch(_project(host))
    try:
        steps.run(commands_job(host, "fetch", [command]))
    except StepFailedError:
        if not host.call(CLEAR_GIT_LOCKS)["freed"]:
            raise
        host.info("a killed git left stale locks; fetching again")
        steps.run(commands_job(host, "fetch", [command]))


def stage(host: Host, plan: Plan, facts: Facts, steps: Steps) -> RecordedStage:
    """Have the revision installed and built in staging; return PM2's entry for it.

    Raise StepFailedError when a step fails; a finished stage of the revision is reused.
    """
    if _is_staged(plan, facts):
        steps.mark_reused("stage", "install", "build")
    else:
        _prepare(host, plan, facts, steps)
    return host.call(
        RECORD_STAGE,
        staged=dict(plan.staged),
        ecosystem=plan.ecosystem,
        spec=dict(plan.spec),
        promised=list(plan.outputs),
    )


def boot(host: Host, plan: Plan, steps: Steps) -> None:
    """Start the staged build on a free port until it is healthy; raise StepFailedError."""
    steps.run(
        program_job(host, "boot", BOOT_TEST, ecosystem=plan.ecosystem, spec=dict(plan.spec)),
    )


def _is_staged(plan: Plan, facts: Facts) -> bool:
    return bool(facts["staged"]) and facts["staged"] == dict(plan.staged)


def _prepare(host: Host, plan: Plan, facts: Facts, steps: Steps) -> None:
    commands = [_displayed(command) for command in _checkout(host, plan, facts)]
    steps.run(
        program_job(
            host,
            "stage",
            STAGE,
            commands=commands,
            revision=plan.revision,
            ecosystem=plan.ecosystem,
        )
    )
    _install(host, plan, steps)
    _hook(host, "before_build", steps)
    if plan.build:
        steps.run(commands_job(host, "build", [plan.build], aside=True))
        if plan.dependencies.command and not plan.installs:
            steps.run(program_job(host, "verify", NODE_MODULES_DIR, work="untouched"), quiet=True)
    _hook(host, "after_build", steps)


def _displayed(command: Command) -> JsonObject:
    return {
        "line": command.line(),
        "argv": list(command.argv),
        "seconds": command.timeout_seconds or WORKTREE_SECONDS,
    }


def _checkout(host: Host, plan: Plan, facts: Facts) -> list[Command]:
    project, env_file = _project(host), host.app.env_file
    commands = [add_worktree(project, plan.revision)]
    if facts["env"]["present"]:
        commands.append(
            Command(("ln", "-sfn", f"{project}/{env_file}", f".deploy/staging/{env_file}"), project)
        )
    return commands


def _install(host: Host, plan: Plan, steps: Steps) -> None:
    if not plan.dependencies.command:
        return
    if not plan.installs:
        steps.run(program_job(host, "install", NODE_MODULES_DIR, work="clone"), status="reused")
        return
    try:
        steps.run(commands_job(host, "install", [plan.dependencies.command], aside=True))
    except StepFailedError as error:
        if plan.dependencies.lock_command and is_uncovered(error.message):
            error.hint = plan.dependencies.lock_command
        raise
    manager, place = plan.dependencies.manager, plan.dependencies.place
    prove = program_job(
        host, "verify", NODE_MODULES_DIR, work="prove", manager=manager, place=place
    )
    steps.run(prove, quiet=True)


def _hook(host: Host, name: str, steps: Steps) -> None:
    texts = host.app.hooks.get(name, ())
    if texts:
        staging = app_folder(host.app, f"{_project(host)}/.deploy/staging")
        steps.run(
            commands_job(
                host,
                name,
                [Command(("bash", "-c", text), staging, {}, BUILD_SECONDS) for text in texts],
                aside=True,
            )
        )


def _project(host: Host) -> str:
    return str(host.app.project_dir)


__all__ = ["Job", "StepFailedError", "boot", "fetch_revision", "stage"]


def save_patch(host: Host, run: str, touched: Iterable[str]) -> int:
    """Save these files of the work tree as a patch, show its path, and return their number."""
    names = list(touched)
    if names:
        saved = host.call(SAVE_PATCH, names=names, run=run, backup_dir=host.app.backup_dir)
        host.info(f"the host's own changes are saved in {saved['file']}")
    return len(names)
