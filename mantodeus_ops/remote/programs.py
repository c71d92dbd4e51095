"""Loads what runs on a host: bash and node programs, packed out of the modules of all slices."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

from mantodeus_ops.errors import HostError, RootRefusedError
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.shell import Command, assign_path, assign_variable
from mantodeus_ops.remote.transport import ConnectionDropped

_HOUSE = Path(__file__).resolve().parents[1]
Params = JsonObject

_REQUIRED = re.compile(r"require\('(\.[^']+)'\)")
# Not sent, as bytes cost time on a slow line: lines of comment, and indentation. ESLint forbids a
# text that spans lines.
_COMMENTS = re.compile(r"^ *(?://[^\n]*|/\*\*.*?\*/)\n|^ +|^\n", re.MULTILINE | re.DOTALL)
# What answers, and refuses what goes wrong: there before the program begins.
_FIRST = "remote/reply"
_LOADER = """\
const opsLoaded = {};
function opsRequire(name) {
  if (!(name in opsModules)) return require(name);
  if (!(name in opsLoaded)) {
    const module = (opsLoaded[name] = { exports: {} });
    opsModules[name](module, opsRequire);
  }
  return opsLoaded[name].exports;
}
"""
_NO_NODE, _ROOT, _NOT_OURS = 95, 96, 97  # the codes that prelude.sh and fence.sh end with


@cache
def shell_program(name: str) -> str:
    """Return the text of a bash program, named by its slice and its file."""
    return _place(name, "sh").read_text(encoding="utf-8")


@cache
def node_program(name: str) -> str:
    """Return a node program, named by its slice and its file, with all the modules it requires."""
    first, entry = _place(_FIRST, "js"), _place(name, "js")
    return pack(program_modules(name), _id(first), _id(entry))


def program_modules(*names: str) -> list[Path]:
    """Return the modules of node programs, each once and after those that it requires."""
    return modules_of(*(_place(name, "js") for name in (_FIRST, *names)))


def modules_of(*entries: Path) -> list[Path]:
    """Return these modules and all that they require, each once, after what it requires."""
    seen: dict[Path, None] = {}
    for entry in entries:
        _follow(entry, seen)
    return list(seen)


def pack(modules: Sequence[Path], *entries: str) -> str:
    """Return one program that has these modules and runs the entries, by their ids."""
    parts = "".join(
        f"{json.dumps(_id(path))}: function (module, require) {{\n{_text(path)}}},\n"
        for path in modules
    )
    runs = "".join(f"opsRequire({json.dumps(entry)});\n" for entry in entries)
    return f"const opsModules = {{\n{parts}}};\n{_LOADER}{runs}"


@cache
def assigned_program(variable: str, name: str) -> str:
    """Return the line that gives a shell variable a node program: to quote it takes a while."""
    return assign_variable(variable, node_program(name))


def _place(name: str, kind: str) -> Path:
    folder, _, stem = name.rpartition("/")
    places = (_HOUSE / folder / "scripts" / f"{stem}.{kind}", _HOUSE / folder / f"{stem}.{kind}")
    return next((place for place in places if place.exists()), places[0])


def _follow(path: Path, seen: dict[Path, None]) -> None:
    if path in seen:
        return
    for required in _REQUIRED.findall(path.read_text(encoding="utf-8")):
        _follow(_beside(path, required), seen)
    seen[path] = None


def _beside(path: Path, required: str) -> Path:
    return Path(os.path.normpath(path.parent / f"{required}.js"))


def _id(path: Path) -> str:
    return path.relative_to(_HOUSE).with_suffix("").as_posix()


def _text(path: Path) -> str:
    """Return a module that requires by ids, without comments and indentation."""
    text = _COMMENTS.sub("", path.read_text(encoding="utf-8"))
    return _REQUIRED.sub(lambda found: f"require('{_id(_beside(path, found[1]))}')", text)


def prelude(path: tuple[str, ...]) -> str:
    """Return the beginning of every program: no root, private files, a PATH to find node on."""
    return f"{assign_path('OPS_PATH', path)}\n{shell_program('remote/prelude')}"


def fence(project: str, token: str) -> str:
    """Return what ends a program at its beginning when the lock is not ours any more."""
    return (
        f"{shell_program('transaction/fence')}\n{Command(('ops_fence', project, token)).line()}\n"
    )


def refuse_by_prelude(host: str, code: int, said: str) -> None:
    """Raise RootRefusedError or HostError when this is how the beginning ended a program.

    Raise ConnectionDropped when the lock is not ours any more, as after a connection that was
    down too long.
    """
    if code == _NOT_OURS and "ops:not-ours" in said:
        raise ConnectionDropped
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
    return "\n".join(
        (prelude(path), *functions, f"set -- {job}", shell_program("remote/job_runner"))
    )
