"""What a look at a host through a fresh login amounts to: what a deploy needs and lacks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from mantodeus_ops.inventory.parse import App
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.text.sanitize import trimmed

Answer = Mapping[str, Sequence[Sequence[str]]]

_NEEDED = ("bash", "git", "tar", "gzip", "timeout", "node", "npm")
_KILOBYTE = 1024
# What scripts of the old tool read; there also when no look was possible.
UNKNOWN: Mapping[str, object] = {
    "connection_status": "failed",
    "connection_time_seconds": None,
    "project_dir_exists": None,
    "pm2_installed": None,
    "node_version": None,
    "npm_version": None,
}


def summarize_requirements(answer: Answer, app: App) -> JsonObject:
    """Return the JSON fields of what the host answered; `lacks` says what a deploy would miss."""
    tools = {line[0]: _number(line[1]) for line in answer.get("tool", ())}
    there, writable, free = answer["project"][0][:3]
    shell, told_shell = answer["shell"][0][:2]
    given, login = answer["path"][0][:2]
    versions = {f"{name}_version": tools.get(name) for name in ("node", "npm", "git", "pm2")}
    return {
        "connection_status": "success",
        "user": answer["user"][0][0],
        "login_shell": shell or told_shell,
        "path": given,
        "path_with_login": login,
        "node_found_by": answer["found"][0][0] if "node" in tools else None,
        "project_dir_exists": there == "yes",
        "project_dir_writable": writable == "yes",
        "disk_free_bytes": int(free) * _KILOBYTE if free.isdecimal() else None,
        "pm2_installed": "pm2" in tools,
        **versions,
        "lacks": _lacks(tools, app, there=there == "yes", writable=writable == "yes"),
    }


def _lacks(
    tools: Mapping[str, str], app: App, *, there: bool, writable: bool
) -> list[dict[str, str]]:
    missing = [name for name in _NEEDED if name not in tools]
    found = [_lack(f"{name} is not on PATH", "set path in the inventory") for name in missing]
    if "pm2" not in tools:
        text = "PM2 is neither on PATH nor in node_modules"
        found.append(_lack(text, "npm install -g pm2  # or set pm2 in the inventory"))
    if not writable:
        text = (
            f"{app.project_dir} {'is' if there else 'cannot be made: its folder is'} not writable"
        )
        found.append(_lack(text, f"ls -ld {app.project_dir}"))
    elif not there:
        found.append(_lack(f"{app.project_dir} is not there yet", "deploy.setup"))
    return found


def _lack(text: str, hint: str) -> dict[str, str]:
    return {"text": text, "hint": hint}


def _number(said: str) -> str:
    """Return the version in what a program says of itself; what it says when there is none."""
    found = re.search(r"v?[0-9]+(\.[0-9A-Za-z-]+)+", said)
    return found[0] if found else trimmed(said)
