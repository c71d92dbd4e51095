"""Turns a start command into a PM2 entry, for apps without an ecosystem file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import TypedDict

from mantodeus_ops.deploy.pm2_script import pm2_call, replacement_for
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.install.package_json import package_of, package_scripts

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_SET = "set start_command in the inventory"
_SHELL_ONLY = re.compile(r"[;&|<>()$`*?\n]|\bcross-env\b")


class StartSpec(TypedDict, total=False):
    """The part of a PM2 entry that says what to run."""

    script: str
    args: list[str]
    interpreter: str
    node_args: list[str]
    env: dict[str, str]


def start_spec(command: str) -> StartSpec:
    """Return the part of a PM2 entry that runs this command, without a shell where none is needed.

    A wrapper between PM2 and node (npm, a shell) costs a second of downtime at each reload.
    Raise PreflightError for a command that starts nothing.
    """
    if _SHELL_ONLY.search(command):
        return {"script": "/bin/bash", "args": ["-c", command], "interpreter": "none"}
    env, words = _words(command)
    spec = _node_spec(words[1:]) if words[:1] == ["node"] else _program_spec(words)
    if not spec["script"]:
        raise PreflightError(f"the start command {command!r} starts no program", _SET)
    return {**spec, "env": env} if env else spec


def pnp_start_spec(
    command: str, package: Mapping[str, object], yarn: Sequence[str], resolver: str, *, own: bool
) -> StartSpec:
    """Return the part of a PM2 entry that starts an app whose packages yarn's Plug'n'Play serves.

    Node takes yarn's resolver as an option; all else is run by yarn, which costs a second at each
    reload. `own` says that the command is the start script of package.json.
    """
    spec = start_spec(command)
    if spec.get("interpreter") == "node" and package.get("type") != "module":
        spec["node_args"] = ["--require", resolver, *spec.get("node_args", [])]
        return spec
    words = "run start" if own else f"exec {shlex.quote(command)}"
    line = f"exec {shlex.join(yarn)} {words}"
    return {"script": "/bin/bash", "args": ["-c", line], "interpreter": "none"}


def _words(command: str) -> tuple[dict[str, str], list[str]]:
    """Return the leading variable assignments of a command, and its words."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        reason = f"the start command {command!r} cannot be parsed: {error}"
        raise PreflightError(reason, _SET) from None
    pairs = list(takewhile(_ASSIGNMENT.match, words))
    return dict(pair.split("=", 1) for pair in pairs), words[len(pairs) :]


def _node_spec(words: list[str]) -> StartSpec:
    flags = 0
    while flags < len(words) and words[flags].startswith("-"):
        flags += 2 if words[flags] in {"-r", "--require", "--import", "--loader"} else 1
    spec: StartSpec = {
        "script": words[flags] if flags < len(words) else "",
        "interpreter": "node",
    }
    if words[:flags]:
        spec["node_args"] = words[:flags]
    if words[flags + 1 :]:
        spec["args"] = words[flags + 1 :]
    return spec


def _program_spec(words: list[str]) -> StartSpec:
    """Return the entry of a program; a bare name is searched in node_modules/.bin first."""
    name = next(iter(words), "")
    if "/" in name or not name:
        return {"script": name, "args": words[1:], "interpreter": "none"}
    line = f'PATH="$PWD/node_modules/.bin:$PATH" exec {shlex.join(words)}'
    return {"script": "/bin/bash", "args": ["-c", line], "interpreter": "none"}


def start_command(configured: str, package_json: str) -> str:
    """Return the inventory's command, else the start script, else `main`; raise PreflightError."""
    package = package_of(package_json)
    start = configured or package_scripts(package_json).get("start", "")
    if call := pm2_call(start, package_scripts(package_json)):
        message = (
            f"the start command calls PM2 itself ({shlex.join(call)}), but PM2 runs it already"
        )
        raise PreflightError(message, replacement_for(call))
    if start or package.get("main"):
        return start or f"node {shlex.quote(str(package['main']))}"
    message = "the app has no ecosystem file, no start_command and no start script"
    raise PreflightError(message, _SET)
