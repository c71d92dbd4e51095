"""Loads what runs on a host: bash and node programs, put together from fabfile/scripts."""

from __future__ import annotations

import math
import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from ..pure.errors import HostError, RootRefusedError
from ..pure.inventory import App
from ..pure.shell import Command, assign, assign_path
from .line import LineDropped

_SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
Params = dict[str, Any]

_NEEDS = re.compile(r"needs: ([a-z0-9 ]+)")
_NO_NODE, _ROOT, _NOT_OURS = 95, 96, 97  # the codes that prelude.sh and fence.sh end with


@cache
def shell_program(name: str) -> str:
    """Return the text of a bash program."""
    return (_SCRIPTS / f"{name}.sh").read_text(encoding="utf-8")


@cache
def node_program(name: str) -> str:
    """Return a node program with everything it says it needs in front of it, each part once.

    All of them have what knows the secrets of `.env`: an answer tells which it holds.
    """
    veil = _order("env", ())
    return "\n".join(_part(part) for part in _order(name, () if name in veil else veil))


@cache
def assigned_program(variable: str, name: str) -> str:
    """Return the line that gives a shell variable a node program: to quote it takes a while."""
    return assign(variable, node_program(name))


def _part(name: str) -> str:
    return (_SCRIPTS / f"{name}.js").read_text(encoding="utf-8")


def _order(name: str, seen: tuple[str, ...]) -> tuple[str, ...]:
    if name in seen:
        return seen
    found = _NEEDS.search(_part(name).split("'use strict'", 1)[0])
    for needed in found[1].split(" ") if found else ():
        seen = _order(needed, seen)
    return (*seen, name)


def prelude(path: tuple[str, ...]) -> str:
    """Return the beginning of every program: no root, private files, a PATH to find node on."""
    return f"{assign_path('OPS_PATH', path)}\n{shell_program('prelude')}"


def fence(project: str, token: str) -> str:
    """Return what ends a program at its beginning when the lock is not ours any more."""
    return f"{shell_program('fence')}\n{Command(('ops_fence', project, token)).line()}\n"


def refuse_by_prelude(host: str, code: int, said: str) -> None:
    """Raise RootRefusedError or HostError when this is how the beginning ended a program.

    Raise LineDropped when the lock is not ours any more, as after a line that was down too long.
    """
    if code == _NOT_OURS and "ops:not-ours" in said:
        raise LineDropped
    if code == _ROOT and "ops:root" in said:
        message = f"the login on {host} is root (uid 0); nothing was done"
        raise RootRefusedError(message, "set user in the inventory to the app's own account")
    if code == _NO_NODE and "ops:no-node" in said:
        message = f"node is neither on PATH of {host} nor where nvm, volta or npm put it"
        raise HostError(message, "set path in the inventory to the folder that holds node")


def app_params(app: App) -> Params:
    """Return what every program must know of the app."""
    return {
        "project_dir": str(app.project_dir),
        "app": app.name,
        "pm2": app.pm2,
        "health_url": app.health_url,
        "health": {one.name: getattr(app.health, one.name) for one in fields(app.health)},
        "branch": app.branch,
        "backup_dir": app.backup_dir,
        "build_outputs": list(app.build_outputs),
        "env_file": app.env_file,
        "env_example": app.env_example,
        "offsite_env": app.offsite_env,
        "critical_urls": list(app.critical_urls),
    }


def ask_program(name: str, timeout: float) -> str:
    """Return the bash text that becomes the node program, its parameters waiting on fd 3.

    After the timeout, in seconds, it is ended on the host, whether or not we still listen.
    """
    text = assigned_program("OPS_JS", name)
    limit = f"timeout -k 5 {math.ceil(timeout)}"
    return f'{text}\nops_need_node\nexec {limit} node - 3<&0 < <(printf %s "$OPS_JS")'


def work_program(path: tuple[str, ...], job: str, work: str, output: str = "") -> str:
    """Return the bash text that a job is: its work between a beginning and an end of its own.

    `output`, if given, is what all that the work prints goes through on its way into the log.
    """
    functions = [f"ops_work() {{\n{work}\n}}"]
    if output:
        functions.append(f"ops_filter() {{\n{output}\n}}")
    return "\n".join((prelude(path), *functions, f"set -- {job}", shell_program("run")))
