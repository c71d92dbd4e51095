"""Prepares an empty host: directories, clone, .env, first deploy, start at reboot."""

from __future__ import annotations

from ..host.door import Host
from ..host.jobs import commands_job
from ..pure.dotenv import parse_dotenv
from ..pure.env_sync import first_env
from ..pure.errors import PreflightError
from ..pure.git import git_command
from ..pure.plan import Wanted
from ..pure.revision import checkout, fetch
from ..pure.shell import Command
from .deploy import Deployed, deploy, refuse_unreadable
from .env import read
from .env_write import write
from .facts import Facts, look
from .lock import locked
from .steps import Steps


def setup(host: Host) -> Deployed:
    """Make the host ready and deploy the inventory's branch; what is done already is skipped.

    Raise PreflightError when the app's settings must be filled in by a person first.
    """
    facts = look(host)
    refuse_unreadable(host, facts["git"])
    if not facts["git"].get("head"):
        _clone(host)
    if host.dry_run and not facts["git"].get("head"):
        return Deployed("success", "", "")
    _env(host, facts)
    done = deploy(host, Wanted())
    if not host.dry_run:
        host.tell("reboot")
    return done


def _clone(host: Host) -> None:
    app = host.app
    if not app.repository:
        raise PreflightError(
            f"{host.name} has no repository in the inventory", "set repository in the inventory"
        )
    project = str(app.project_dir)
    # git clone refuses a directory that is not empty, and the lock already lives in it
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
        git_command(checkout("branch", app.branch, f"refs/remotes/origin/{app.branch}"), project),
    ]
    if host.dry_run:
        for command in commands:
            host.would(command)
        return
    with locked(host, "setup"):
        steps = Steps(host)
        host.tell("ground")
        steps.run(commands_job(host, "clone", commands))
        host.tell("ground")


def _env(host: Host, before: Facts) -> None:
    """Make a first .env of the example; name what the example cannot know, never guess it."""
    if before["env"]["present"] or host.dry_run:
        return
    file, around = read(host)
    if file.present or around["example"] is None:
        return
    made = first_env(around["example"])
    write(host, file, made.text, "setup")
    told = f"{host.app.env_file} was made from {host.app.env_example}"
    values = parse_dotenv(made.text)
    needed = [name for name in host.app.required_env if not values.get(name)] or made.to_fill
    if needed:
        hint = host.typed(f"env.set {needed[0]}")
        raise PreflightError(f"{told}; it needs {', '.join(needed)}", hint)
    host.note(f"{told}: check its values")
