"""The plain way, as the document that the product came from has it, run over plain `ssh`."""

from __future__ import annotations

import shlex

from sandbox import Machine, Sandbox
from sandbox.commands import CHECKOUT, run
from sandbox.machine import APP_NAME

from .samples import BenchError

LIMIT_SECONDS = 1800
PATHS = ("dist", "node_modules", "package-lock.json", ".env")
BACKUP = "mkdir -p backups && tar -czf backups/backup-$(date +%Y%m%d-%H%M%S).tar.gz " + " ".join(
    PATHS
)
RESTART = f"pm2 restart {APP_NAME}"


def ssh(box: Sandbox, machine: Machine, command: str) -> str:
    """Run a command on a machine with the ordinary ssh; return its stdout, raise SandboxError."""
    options = ["-F", "none", "-i", str(box.identity), "-p", str(machine.sshd.port)]
    options += ["-o", f"UserKnownHostsFile={box.known_hosts}", "-o", "BatchMode=yes"]
    argv = ["ssh", *options, "127.0.0.1", command]
    return run(argv, cwd=CHECKOUT, env=box.env(), timeout=LIMIT_SECONDS)


def in_project(machine: Machine, *commands: str) -> str:
    """Return shell text that runs the commands in the app's folder and stops at a failing one."""
    return "\n".join(["set -e", f"cd {shlex.quote(str(machine.project_dir))}", *commands])


def ask(machine: Machine) -> str:
    """Return the command that asks the health path."""
    url = machine.health_url.replace("{timestamp}", "1")
    return f"curl -fsS --noproxy '*' {shlex.quote(url)}"


def first_deploy(machine: Machine, repository: str) -> str:
    """Return the commands of a first deploy by hand; the `.env` is there already."""
    clone = f"git init -q -b main && git remote add origin {shlex.quote(repository)}"
    pull = "git fetch -q origin && git checkout -q -f -B main origin/main"
    start = "pm2 start ecosystem.config.cjs && sleep 3"
    return in_project(machine, clone, pull, "npm ci", "npm run build", start, ask(machine))


def deploy(machine: Machine) -> str:
    """Return the commands of a deploy: back up, pull, install, build in place, restart, look."""
    work = ("git pull -q", "npm install", "npm run build", RESTART, "sleep 3", ask(machine))
    return in_project(machine, BACKUP, *work)


def restart(machine: Machine) -> str:
    """Return the commands of a restart: back up, restart, look."""
    return in_project(machine, BACKUP, RESTART, "sleep 3", ask(machine))


def rollback(machine: Machine) -> str:
    """Return the commands that go back to the backup made before the last deploy, then look.

    A restart since then made a newer one, but of what is live.
    """
    unpack = 'tar -xzf "$(ls backups/backup-*.tar.gz | head -n 1)"'
    work = (f"pm2 stop {APP_NAME}", unpack, RESTART, "sleep 3", ask(machine))
    return in_project(machine, *work)


def tidy(machine: Machine) -> str:
    """Return the commands that keep backups from filling the disk, and a rollback from a pull."""
    return in_project(machine, "rm -f backups/backup-*.tar.gz", "git checkout -q -- .")


def probe(machine: Machine) -> str:
    """Return the commands that look at what `status` looks at."""
    return in_project(machine, "pm2 -s jlist", ask(machine), "git status --porcelain --branch")


def set_variable(machine: Machine, name: str, value: str) -> str:
    """Return the command that gives a variable of `.env` this value, which holds no quote."""
    return in_project(machine, f"sed -i 's/^{name}=.*/{name}={value}/' .env")


def insist(machine: Machine, revision: str) -> None:
    """Raise BenchError unless the page shows this revision."""
    if (page := machine.page()) != revision:
        raise BenchError(f"{machine.folder.name} answers {page}, not revision {revision}")
