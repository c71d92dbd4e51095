"""Brings the tool itself to a host, where the webhook's receiver is to run."""

from __future__ import annotations

import hashlib
import sys

from ..host.bare import bare
from ..host.door import Host
from ..host.inventory_file import inventory_path
from ..host.jobs import commands_job
from ..host.package import ROOT, package, requirements
from ..pure.shell import Command
from ..pure.tool import (
    Tool,
    chosen_python,
    tool_name,
    venv_commands,
    venv_name,
)
from .steps import Steps


def bring(host: Host, steps: Steps, home: str) -> Tool:
    """Return the tool as the host can start it, sent and installed below `home` if it must be.

    On this machine it is the very one that runs now. Raise PreflightError where no Python will do.
    """
    if host.way is None:
        inventory = str(inventory_path().resolve())
        return Tool(sys.executable, str(ROOT), inventory, host.name, package().digest)
    found = bare(host, "tool", "look", home)
    python, version = chosen_python(found.get("python", ()), host.name)
    have = {name for (name, *_) in found.get("have", ())}
    wanted = requirements()
    code, venv = tool_name(package().digest), venv_name(f"{python} {version}", wanted)
    if venv not in have:
        _install(host, steps, venv_commands(python, f"{home}/{venv}", wanted))
    if code not in have:
        _send(host, steps, f"{home}/{code}")
    return Tool(
        python=f"{home}/{venv}/bin/python",
        root=f"{home}/{code}",
        inventory=f"{home}/hosts.toml",
        local=host.name,
        digest=package().digest,
        made=(code, venv),
    )


def _install(host: Host, steps: Steps, commands: tuple[Command, ...]) -> None:
    if host.dry_run:
        for command in commands:
            host.would(command)
        return
    steps.run(commands_job(host, "packages", commands))


def _send(host: Host, steps: Steps, place: str) -> None:
    data = package().archive
    if host.dry_run:
        host.would(Command(("tar", "-xzf", "-", "-C", place)))
        return
    with steps.step("tool"):
        bare(host, "tool", "put", place, hashlib.sha256(data).hexdigest(), data=data)
