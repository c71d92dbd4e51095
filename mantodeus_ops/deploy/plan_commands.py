"""The commands of a planned deploy, for a dry run."""

from __future__ import annotations

from mantodeus_ops.deploy.plan import DeployOptions, Plan, app_folder
from mantodeus_ops.git.git_commands import add_worktree, fill_submodules
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.text.format import short


def commands(app: App, plan: Plan, options: DeployOptions) -> tuple[Command, ...]:
    """Return the commands that a deploy runs on the host, in order."""
    project = str(app.project_dir)
    running: list[Command] = []
    if not options.skip_backup:
        running.append(
            Command(("tar", "-czf", f"{app.backup_dir}/backup-….tar.gz", *plan.saved), project)
        )
    running.append(add_worktree(project, plan.revision))
    if plan.submodules:
        running.append(fill_submodules(project))
    if plan.installs and plan.dependencies.command:
        running.append(plan.dependencies.command)
    elif plan.dependencies.command:
        running += [
            Command(("cp", "-al", name, f".deploy/staging/{name}"), project)
            for name in plan.installed
        ]
    running += _hook_commands(app, "before_build")
    running += [plan.build] if plan.build else []
    running += [*_hook_commands(app, "after_build"), *_hook_commands(app, "before_commit")]
    for name in plan.swaps:
        running.append(Command(("mv", name, f".deploy/previous/RUN/{name}"), project))
        running.append(Command(("mv", f".deploy/staging/{name}", name), project))
    running.append(Command(("git", *plan.checkout), project))
    running.append(Command(("pm2", "reload", app.process_name), project))
    running += _hook_commands(app, "after_commit")
    return tuple(running)


def _hook_commands(app: App, name: str) -> list[Command]:
    folder = app_folder(app, str(app.project_dir))
    return [Command(("bash", "-c", text), folder) for text in app.hooks.get(name, ())]


def describe(app: App, plan: Plan, options: DeployOptions, disk_free: float) -> JsonObject:
    """Return the plan as JSON."""
    return {
        "commits": list(plan.commits),
        "range": f"{short(plan.previous) or 'nothing'}..{short(plan.revision)}",
        "rewritten": plan.rewritten,
        "installs": plan.installs,
        "reason": plan.reason,
        "commands": [command.line() for command in commands(app, plan, options)],
        "disk_needed_bytes": plan.disk_needed,
        "disk_free_bytes": disk_free,
    }
