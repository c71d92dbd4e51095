"""Summarizes what a host has and lacks for a deploy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mantodeus_ops.inventory.parse import App
from mantodeus_ops.text.sanitize import trimmed

Answer = Mapping[str, Sequence[Sequence[str]]]

_NEEDED = ("bash", "git", "tar", "gzip", "timeout", "node", "npm")
_KILOBYTE = 1024
# Keys that scripts of the old tool read; always present.
UNKNOWN: Mapping[str, object] = {
    "connection_status": "failed",
    "connection_time_seconds": None,
    "project_dir_exists": None,
    "pm2_installed": None,
    "node_version": None,
    "npm_version": None,
}


def summarize_requirements(answer: Answer, app: App) -> dict[str, object]:
    """Return the JSON fields of the host's answer; `lacks` lists missing requirements."""
    tools = {line[0]: _number(line[1]) for line in answer.get("tool", ())}
    exists, writable, free = answer["project"][0][:3]
    shell, reported_shell = answer["shell"][0][:2]
    path_found, login = answer["path"][0][:2]
    versions = {f"{name}_version": tools.get(name) for name in ("node", "npm", "git", "pm2")}
    return {
        "connection_status": "success",
        "user": answer["user"][0][0],
        "login_shell": shell or reported_shell,
        "path": path_found,
        "path_with_login": login,
        "node_found_by": answer["found"][0][0] if "node" in tools else None,
        "project_dir_exists": exists == "yes",
        "project_dir_writable": writable == "yes",
        "disk_free_bytes": int(free) * _KILOBYTE if free.isdecimal() else None,
        "pm2_installed": "pm2" in tools,
        **versions,
        "lacks": _lacks(tools, app, exists=exists == "yes", writable=writable == "yes"),
    }


def _lacks(
    tools: Mapping[str, str], app: App, *, exists: bool, writable: bool
) -> list[dict[str, str]]:
    missing = [name for name in _NEEDED if name not in tools]
    lacking = [_lack(f"{name} is not on PATH", "set path in the inventory") for name in missing]
    if "pm2" not in tools:
        text = "PM2 is neither on PATH nor in node_modules"
        lacking.append(_lack(text, "npm install -g pm2  # or set pm2 in the inventory"))
    if not writable:
        text = (
            f"{app.project_dir} {'is' if exists else 'cannot be made: its folder is'} not writable"
        )
        lacking.append(_lack(text, f"ls -ld {app.project_dir}"))
    elif not exists:
        lacking.append(_lack(f"{app.project_dir} does not exist yet", "deploy.setup"))
    return lacking


def _lack(text: str, hint: str) -> dict[str, str]:
    return {"text": text, "hint": hint}


def _number(output: str) -> str:
    """Return the version in a program's output, or the output without one."""
    match = re.search(r"v?[0-9]+(\.[0-9A-Za-z-]+)+", output)
    return match[0] if match else trimmed(output)
