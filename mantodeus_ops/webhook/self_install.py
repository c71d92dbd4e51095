"""Installs this tool on a host, to run the webhook receiver."""

from __future__ import annotations

import hashlib
import sys

from mantodeus_ops.inventory.locate import inventory_path
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.remote.shell_script import query_shell
from mantodeus_ops.transaction.steps import Steps
from mantodeus_ops.webhook.self_install_plan import (
    InstalledTool,
    choose_python,
    tool_name,
    venv_commands,
    venv_name,
)
from mantodeus_ops.webhook.self_package import ROOT, requirements, tool_archive


def install_tool(host: Host, steps: Steps, home: str) -> InstalledTool:
    """Return the tool as the host can start it, sent and installed below `home` if it must be.

    On this machine it is the very one that runs now. Raise PreflightError where no Python will do.
    """
    if host.target is None:
        inventory = str(inventory_path().resolve())
        return InstalledTool(sys.executable, str(ROOT), inventory, host.name, tool_archive().digest)
    pythons = query_shell(host, "webhook/find_python", "look", home)
    python, version = choose_python(pythons.get("python", ()), host.name)
    have = {name for (name, *_) in pythons.get("have", ())}
    needed = requirements()
    code, venv = tool_name(tool_archive().digest), venv_name(f"{python} {version}", needed)
    if venv not in have:
        _install(host, steps, venv_commands(python, f"{home}/{venv}", needed))
    if code not in have:
        _send(host, steps, f"{home}/{code}")
    return InstalledTool(
        python=f"{home}/{venv}/bin/python",
        root=f"{home}/{code}",
        inventory=f"{home}/hosts.toml",
        local=host.name,
        digest=tool_archive().digest,
        made=(code, venv),
    )


def _install(host: Host, steps: Steps, commands: tuple[Command, ...]) -> None:
    if host.dry_run:
        for command in commands:
            host.preview(command)
        return
    steps.run(commands_job(host, "packages", commands))


def _send(host: Host, steps: Steps, folder: str) -> None:
    data = tool_archive().archive
    if host.dry_run:
        host.preview(Command(("tar", "-xzf", "-", "-C", folder)))
        return
    with steps.step("tool"):
        query_shell(
            host, "webhook/find_python", "put", folder, hashlib.sha256(data).hexdigest(), data=data
        )
