"""Others who run a shell text on many hosts: Ansible, pyinfra, and ssh itself, side by side.

Each as its manual says is quick, and with as many hosts at once as ours may have.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from mantodeus_ops.fleet.thread_pool import MOST
from sandbox.commands import run
from sandbox.shelf import shelf

from .samples import BenchError

Argv = Sequence[str | Path]

WANTED = ("ansible-core>=2.18,<2.22", "pyinfra>=3.8,<4")
INSTALL_SECONDS = 600
LIMIT_SECONDS = 300
PLACE = "127.0.0.1"
# What the probe prints last is worked out on the host: an echo of the text itself is no answer.
PROBE = "uname -r; cat /proc/loadavg; df -Pk . | tail -n 1; echo looked-$((1 + 1))"
ANSWER = "looked-2"
COLD = "-o ControlMaster=no -o ControlPath=none"
WARM = "-o ControlMaster=auto -o ControlPersist=60"


@dataclass(frozen=True, slots=True)
class Fleet:
    """Hosts that differ by their port on loopback, and what a client needs for a login."""

    ports: tuple[int, ...]
    user: str
    identity: Path
    known_hosts: Path
    folder: Path  # for what a peer wants to have written down
    env: dict[str, str]

    @property
    def at_once(self) -> str:
        """Return how many hosts may be at work at the same time."""
        return str(min(MOST, len(self.ports)))


def ssh(fleet: Fleet, text: str = PROBE) -> str:
    """Run the text with an `ssh` for each host; return what all of them print."""
    options: Argv = ["-i", fleet.identity, *_trusting(fleet), "-p", "PORT"]
    argv: Argv = ["xargs", "-P", fleet.at_once, "-I", "PORT", "ssh", *options, PLACE, text]
    return _said(argv, fleet.env, "\n".join(map(str, fleet.ports)))


def ansible(fleet: Fleet, module: str, *, sharing: str = COLD) -> str:
    """Run the probe by this module of Ansible's; return what all hosts print."""
    inventory = fleet.folder / f"ansible-{len(fleet.ports)}-{fleet.ports[0]}.ini"
    inventory.write_text("\n".join([*map(_ansible_host, fleet.ports), _ansible_rest(fleet)]))
    (fleet.folder / "ansible.cfg").touch()
    argv: Argv = [programs() / "ansible", "all", "-i", inventory, "-m", module, "-a", PROBE]
    own = {
        "ANSIBLE_CONFIG": str(fleet.folder / "ansible.cfg"),  # nobody else's
        "ANSIBLE_FORKS": fleet.at_once,
        "ANSIBLE_HOME": str(fleet.folder / "ansible"),
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_SSH_ARGS": sharing,
        "ANSIBLE_SSH_USETTY": "0",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(fleet.folder / "cp"),
        "LC_ALL": "C.UTF-8",
    }
    return _said(argv, fleet.env | own)


def pyinfra(fleet: Fleet) -> str:
    """Run the probe with pyinfra; return what all hosts print."""
    inventory = fleet.folder / f"pyinfra_{len(fleet.ports)}_{fleet.ports[0]}.py"
    login = {
        "ssh_hostname": PLACE,
        "ssh_user": fleet.user,
        "ssh_key": str(fleet.identity),
        "ssh_known_hosts_file": str(fleet.known_hosts),
        "ssh_strict_host_key_checking": "yes",
    }
    hosts = [(f"port{port}", login | {"ssh_port": port}) for port in fleet.ports]
    inventory.write_text(f"hosts = {hosts!r}\n")
    argv: Argv = [programs() / "pyinfra", "-y", "--parallel", fleet.at_once, inventory]
    return _said([*argv, "exec", "--", PROBE], fleet.env)


@cache
def programs() -> Path:
    """Return the folder that holds `ansible` and `pyinfra`, installing them the first time."""
    wanted = sha256(f"{sys.version_info[:2]}{WANTED}".encode()).hexdigest()[:12]
    folder = shelf() / f"peers-{wanted}"
    if not (folder / "complete").exists():
        # Debian's Python makes no environment that has pip; ours serves for another one, too.
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder])
        pip: Argv = [
            sys.executable,
            "-m",
            "pip",
            "--python",
            folder / "bin" / "python",
            "-q",
            "install",
        ]
        run([*pip, *WANTED], timeout=INSTALL_SECONDS)
        (folder / "complete").touch()
    return folder / "bin"


def versions() -> str:
    """Return which of the peers these are."""
    python = programs() / "python"
    listed = run([sys.executable, "-m", "pip", "--python", python, "list", "--format=json"])
    found = {one["name"]: one["version"] for one in json.loads(listed)}
    return ", ".join(f"{name} {found[name]}" for name in ("ansible-core", "pyinfra"))


def _trusting(fleet: Fleet) -> list[str]:
    pins = f"UserKnownHostsFile={fleet.known_hosts}"
    return ["-F", "none", "-o", pins, "-o", "BatchMode=yes"]


def _ansible_host(port: int) -> str:
    return f"port{port} ansible_host={PLACE} ansible_port={port}"


def _ansible_rest(fleet: Fleet) -> str:
    return f"""
[all:vars]
ansible_user={fleet.user}
ansible_ssh_private_key_file={fleet.identity}
ansible_ssh_common_args={" ".join(_trusting(fleet))}
ansible_python_interpreter={sys.executable}
"""


def _said(argv: Argv, env: dict[str, str], stdin: str = "") -> str:
    done = subprocess.run(
        argv,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"{argv[0]}: exit {done.returncode}\n{done.stdout}{done.stderr}"[:4000])
    return done.stdout + done.stderr
