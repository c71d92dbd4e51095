"""Which package manager a revision wants, and what identifies an installed node_modules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import PreflightError
from .shell import Command
from .start import package_scripts

INSTALL_SECONDS = 1800
_MANAGERS = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
}
# devDependencies are needed to build, whatever NODE_ENV says; npm must not ask, nag or phone home.
_NPM = ("npm", "ci", "--include=dev", "--no-audit", "--no-fund")
_ENV = {"CI": "true", "npm_config_update_notifier": "false", "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0"}
_LIFECYCLE = ("preinstall", "install", "postinstall", "prepare")


@dataclass(frozen=True, slots=True)
class Dependencies:
    """What a revision needs installed."""

    manager: str
    command: Command | None
    digest: str


def dependencies(
    target: Mapping[str, Any], *, abi: str, configured: str, tools: Mapping[str, bool], cwd: str
) -> Dependencies:
    """Return how to install what the target needs; raise PreflightError when nothing pins it."""
    lockfiles: Mapping[str, str] = target["lockfiles"]
    scripts = package_scripts(target["package_json"])
    manager = next((found for name, found in _MANAGERS.items() if name in lockfiles), "")
    if configured:
        command: Command | None = Command(("bash", "-c", configured), cwd, _ENV, INSTALL_SECONDS)
    elif not manager and not _needs_any(target["package_json"]):
        return Dependencies("", None, "")
    else:
        command = Command(
            _argv(manager, tools, berry=bool(target["yarn_berry"])), cwd, _ENV, INSTALL_SECONDS
        )
    lifecycle = {name: scripts[name] for name in _LIFECYCLE if name in scripts}
    told = json.dumps([sorted(lockfiles.items()), lifecycle, abi, configured])
    return Dependencies(manager or "npm", command, hashlib.sha256(told.encode()).hexdigest())


def _argv(manager: str, tools: Mapping[str, bool], *, berry: bool) -> tuple[str, ...]:
    if manager == "npm":
        return _NPM
    if not manager:
        message = "package.json has dependencies, but no lockfile pins them"
        raise PreflightError(
            message, "npm install --package-lock-only && git add package-lock.json"
        )
    frozen = ("install", "--immutable") if berry else ("install", "--frozen-lockfile")
    if tools.get(manager):
        return (manager, *frozen)
    if tools.get("corepack"):
        return ("corepack", manager, *frozen)
    raise PreflightError(
        f"the revision needs {manager}, and the host has neither it nor corepack",
        f"npm install -g {manager}",
    )


def _needs_any(package_json: str) -> bool:
    package = json.loads(package_json or "{}")
    return any(
        package.get(kind) for kind in ("dependencies", "devDependencies", "optionalDependencies")
    )
