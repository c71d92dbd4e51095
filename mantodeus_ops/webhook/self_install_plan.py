"""Plans the installation of this tool on a host: Python, environment and inventory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import PurePosixPath

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.inventory.app_root import as_written
from mantodeus_ops.inventory.asset_settings import age_text
from mantodeus_ops.inventory.settings import App, HostSpec
from mantodeus_ops.remote.shell import Command

INSTALL_SECONDS = 900
_DIGEST = 12  # characters of a digest that stand in a name


@dataclass(frozen=True, slots=True)
class InstalledTool:
    """The tool installed on a host: Python, the package folder, and the host it serves.

    `made` are the folders that were made for it, by name; `digest` is of all its code.
    """

    python: str
    root: str
    inventory: str
    local: str
    digest: str
    made: tuple[str, ...] = ()

    def env(self) -> dict[str, str]:
        """Return the variables that it is started with."""
        return {
            "PYTHONPATH": self.root,
            # An app's folder may hold a json.py; it is no place to import from.
            "PYTHONSAFEPATH": "1",
            "OPS_INVENTORY": self.inventory,
            "OPS_LOCAL": self.local,
        }


def runtime_requirements(dependencies: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements, without those of extras."""
    return tuple(requirement for requirement in dependencies if "extra ==" not in requirement)


def choose_python(pythons: Sequence[Sequence[str]], host: str) -> tuple[str, str]:
    """Return the path and the version of the Python to use; raise PreflightError if there is none.

    `found` are the Pythons of the host, each with whether it is old, bare (without venv) or fit.
    """
    best = {able: (path, version) for able, path, version in reversed(pythons)}
    if "yes" in best:
        return best["yes"]
    if "bare" in best:
        path, version = best["bare"]
        why = f"{path} ({version}) lacks venv, which Debian has in python3-venv"
    else:
        old = f"only {' '.join(best['old'])}" if "old" in best else "none"
        why = f"a receiver needs Python 3.11 or newer, and there is {old}"
    raise PreflightError(f"{host}: {why}", "webhook.poll  # from cron, here or there: needs none")


def tool_name(digest: str) -> str:
    """Return the name of the folder that holds the tool's code."""
    return f"tool-{digest[:_DIGEST]}"


def venv_name(version: str, requirements: Iterable[str]) -> str:
    """Return the name of the folder that holds an environment with these packages."""
    content = "\n".join((version, *requirements)).encode()
    return f"venv-{hashlib.sha256(content).hexdigest()[:_DIGEST]}"


def venv_commands(python: str, folder: str, requirements: Sequence[str]) -> tuple[Command, ...]:
    """Return the commands that make an environment; it is complete when the last has run."""
    pip = (f"{folder}/bin/python", "-m", "pip", "install", "--quiet", "--no-input")
    limit = INSTALL_SECONDS
    return (
        Command(("rm", "-rf", "--", folder)),
        Command((python, "-m", "venv", folder), timeout_seconds=limit),
        Command((*pip, "--disable-pip-version-check", *requirements), timeout_seconds=limit),
        Command(("touch", f"{folder}/complete")),
    )


def host_inventory(spec: HostSpec) -> str:
    """Return an inventory in which this host is this machine, and nothing else is known."""
    lines = [f"{key} = {_toml(value)}" for key, value in _settings(spec.app)]
    head = "# Written by webhook.install: what it is run with is changed, not this file."
    name = _toml(spec.name)
    return "\n".join(
        (head, f"local = {name}", "", f"[hosts.{name}]", 'address = "local"', *lines, "")
    )


def _settings(app: App) -> Iterator[tuple[str, object]]:
    """Yield every setting by its key in an inventory."""
    for field in fields(app):
        value = getattr(app, field.name)
        key = {"name": "app"}.get(field.name, field.name)
        if field.name in {"health", "webhook"}:
            pairs = {"headers", "json"}
            parts = {
                name: dict(item) if name in pairs else item for name, item in asdict(value).items()
            }
            yield from ((f"{key}.{name}", item) for name, item in parts.items())
        elif field.name == "keep_assets":
            yield key, age_text(value)
        elif field.name == "hooks":
            yield from ((f"hooks.{stage}", list(texts)) for stage, texts in value.items())
        else:
            yield key, as_written(app.root, key, value)


def _toml(value: object) -> str:
    """Return a value as TOML has it inline: JSON's spelling, but for what JSON leaves bare."""
    if isinstance(value, PurePosixPath):
        value = str(value)
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_toml(key)} = {_toml(item)}' for key, item in value.items())}}}"
    if isinstance(value, tuple):
        value = list(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
