"""Loads the bash and node programs that run on hosts, and packs the modules they require."""

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
# Calls the program, prints its answer and reports its error.
_DISPATCHER = "remote/run_program"
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
_NO_NODE, _ROOT, _NOT_OURS = 95, 96, 97  # exit codes of prelude.sh and fence.sh


@cache
def shell_program(name: str) -> str:
    """Return the text of a bash program, named by its slice and its file."""
    return _path_of(name, "sh").read_text(encoding="utf-8")


@cache
def node_program(name: str) -> str:
    """Return a node program, named by its slice and its file, with all the modules it requires."""
    return _pack(program_modules(name), _path_of(name, "js"))


def program_modules(*names: str) -> list[Path]:
    """Return the modules of node programs, each once and after its dependencies."""
    return modules_of(*(_path_of(name, "js") for name in (_DISPATCHER, *names)))


def modules_of(*entries: Path) -> list[Path]:
    """Return these modules and their dependencies, each once, dependencies first."""
    collected: dict[Path, None] = {}
    for entry in entries:
        _collect(entry, collected)
    return list(collected)


def _pack(modules: Sequence[Path], entry: Path) -> str:
    """Return a program that holds these modules and has the dispatcher run the entry."""
    parts = "".join(
        f"{json.dumps(_id(path))}: function (module, require) {{\n{_text(path)}}},\n"
        for path in modules
    )
    dispatcher, program = (json.dumps(_id(path)) for path in (_path_of(_DISPATCHER, "js"), entry))
    run = f"opsRequire({dispatcher}).runProgram({program});\n"
    return f"const opsModules = {{\n{parts}}};\n{_LOADER}{run}"


@cache
def assigned_program(variable: str, name: str) -> str:
    """Return the shell assignment of a node program; cached, as quoting is slow."""
    return assign_variable(variable, node_program(name))


def _path_of(name: str, kind: str) -> Path:
    folder, _, stem = name.rpartition("/")
    candidates = (
        _HOUSE / folder / "scripts" / f"{stem}.{kind}",
        _HOUSE / folder / f"{stem}.{kind}",
    )
    return next((path for path in candidates if path.exists()), candidates[0])


def _collect(path: Path, collected: dict[Path, None]) -> None:
    if path in collected:
        return
    for required in _REQUIRED.findall(_source(path)):
        _collect(_required_path(path, required), collected)
    collected[path] = None


def _required_path(path: Path, required: str) -> Path:
    return Path(os.path.normpath(path.parent / f"{required}.js"))


def _id(path: Path) -> str:
    return path.relative_to(_HOUSE).with_suffix("").as_posix()


@cache
def _source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _text(path: Path) -> str:
    """Return the text of a module with ids in its require calls, without comments and indents."""
    text = _COMMENTS.sub("", _source(path))
    return _REQUIRED.sub(lambda match: f"require('{_id(_required_path(path, match[1]))}')", text)


def prelude(path: tuple[str, ...]) -> str:
    """Return the start of all programs: refuse root, set umask, and put node on PATH."""
    return f"{assign_path('OPS_PATH', path)}\n{shell_program('remote/prelude')}"


def fence(project: str, token: str) -> str:
    """Return shell text that ends a program at its start when the lock was lost."""
    check = Command(("ops_fence", project, token)).line()
    return f"{shell_program('transaction/check_lock')}\n{check}\n"


def refuse_by_prelude(host: str, code: int, output: str) -> None:
    """Raise RootRefusedError or HostError when the prelude ended a program.

    Raise ConnectionDropped when the lock was lost, as after a long interruption.
    """
    if code == _NOT_OURS and "ops:not-ours" in output:
        raise ConnectionDropped
    if code == _ROOT and "ops:root" in output:
        message = f"the login on {host} is root (uid 0); nothing was done"
        raise RootRefusedError(message, "set user in the inventory to the app's own account")
    if code == _NO_NODE and "ops:no-node" in output:
        message = f"node is not on PATH of {host}, nor in the folders of nvm, volta or npm"
        raise HostError(message, "set path in the inventory to the folder that holds node")


def app_params(app: App) -> Params:
    """Return the parameters about the app that all programs need."""
    return {
        "project_dir": str(app.project_dir),
        "root": app.root,
        "app": app.process_name,
        "pm2_name": app.pm2_name,
        "pm2_env": app.pm2_env,
        "pm2": app.pm2,
        "health_url": app.health_url,
        "health": {field.name: getattr(app.health, field.name) for field in fields(app.health)},
        "branch": app.branch,
        "backup_dir": app.backup_dir,
        "build_outputs": list(app.build_outputs),
        "shared_paths": list(app.shared_paths),
        "stage_files": list(app.stage_files),
        "assets": list(app.assets),
        "keep_assets": app.keep_assets,
        "env_file": app.env_file,
        "env_example": app.env_example,
        "offsite_env": app.offsite_env,
        "critical_urls": list(app.critical_urls),
    }


def ask_program(name: str, timeout: float) -> str:
    """Return shell text that runs the node program, with its parameters on fd 3.

    The host ends it after the timeout, in seconds, even without a connection.
    """
    text = assigned_program("OPS_JS", name)
    limit = f"timeout -k 5 {math.ceil(timeout)}"
    return f'{text}\nops_need_node\nexec {limit} node - 3<&0 < <(printf %s "$OPS_JS")'


def work_program(path: tuple[str, ...], job: str, work: str, output: str = "") -> str:
    """Return the shell text of a job: its work with setup and cleanup.

    `output`, if given, is a command that filters all output on its way into the log.
    """
    functions = [f"ops_work() {{\n{work}\n}}"]
    if output:
        functions.append(f"ops_filter() {{\n{output}\n}}")
    return "\n".join(
        (prelude(path), *functions, f"set -- {job}", shell_program("remote/job_runner"))
    )
