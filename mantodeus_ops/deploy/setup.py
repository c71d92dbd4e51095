"""Prepares an empty host: directories, clone, .env, first deploy, start at reboot."""

from __future__ import annotations

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.deploy.deploy import DeployResult, deploy
from mantodeus_ops.deploy.plan import DeployOptions
from mantodeus_ops.deploy.preflight import refuse_unreadable
from mantodeus_ops.deploy.runtime_findings import lfs_findings
from mantodeus_ops.dotenv.parse import parse_dotenv
from mantodeus_ops.env.apply import write
from mantodeus_ops.env.inspect import read
from mantodeus_ops.env.sync_rules import first_env
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.git.git import git_command
from mantodeus_ops.git.git_commands import branch_ref, checkout, fetch
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.programs import MAKE_DIRECTORIES, RESOLVE_REF, START_AT_REBOOT
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.steps import Steps


def setup(host: Host) -> DeployResult:
    """Prepare the host and deploy the inventory's branch; finished parts are skipped.

    Raise PreflightError when values of `.env` must be filled in first.
    """
    facts = gather_facts(host)
    refuse_unreadable(host.app, facts["git"])
    if not facts["git"].get("head"):
        _clone(host)
    if host.dry_run and not facts["git"].get("head"):
        return DeployResult("success", "", "")
    _env(host, facts)
    done = deploy(host, DeployOptions())
    if not host.dry_run:
        host.call(START_AT_REBOOT)
    return done


def _clone(host: Host) -> None:
    app = host.app
    if not app.repository:
        raise PreflightError(
            f"{host.name} has no repository in the inventory", "set repository in the inventory"
        )
    project = str(app.project_dir)
    # git clone refuses a non-empty directory, and the lock is already in it
    commands = [
        git_command(("init", "--quiet", "--template=", "-b", app.branch), project),
        Command(
            (
                "bash",
                "-c",
                'git remote add origin "$1" 2>/dev/null || git remote set-url origin "$1"',
                "remote",
                app.repository,
            ),
            project,
        ),
        fetch(project),
    ]
    switch = git_command(
        checkout("branch", app.branch, f"refs/remotes/origin/{app.branch}"), project
    )
    if host.dry_run:
        for command in (*commands, switch):
            host.preview(command)
        return
    with deploy_lock(host, "setup"):
        steps = Steps(host)
        host.call(MAKE_DIRECTORIES)
        steps.run(commands_job(host, "clone", commands))
        _refuse_branch(host)
        steps.run(commands_job(host, "checkout", [switch]))
        host.call(MAKE_DIRECTORIES)


def _refuse_branch(host: Host) -> None:
    """Raise an error when there is no such branch, or when git cannot check all its files out."""
    ref = branch_ref(host.app.branch)
    target = host.query(RESOLVE_REF, timeout=600, ref=ref, dry=False, ecosystem="", measure=[])
    for finding in lfs_findings(target):
        raise PreflightError(finding.text, finding.hint)


def _env(host: Host, before: Facts) -> None:
    """Create .env from the example; list the values that must be filled in."""
    if before["env"]["present"] or host.dry_run:
        return
    file, around = read(host)
    if file.present or around["example"] is None:
        return
    env = first_env(around["example"])
    write(host, file, env.text, "setup")
    message = f"{host.app.env_file} was created from {host.app.env_example}"
    values = parse_dotenv(env.text)
    needed = [name for name in host.app.required_env if not values.get(name)] or env.to_fill
    if needed:
        hint = host.command_for(f"env.set {needed[0]}")
        raise PreflightError(f"{message}; it needs {', '.join(needed)}", hint)
    host.info(f"{message}: check its values")
