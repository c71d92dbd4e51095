"""Chooses package manager and install command, and identifies an installed node_modules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mantodeus_ops.deploy.lockfile import missing_dependency
from mantodeus_ops.deploy.start_command import package_of
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.remote.answers.deploy import DirectDependency, RefTarget
from mantodeus_ops.remote.shell import Command

INSTALL_SECONDS = 1800
_MANAGERS = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
}
# devDependencies are needed to build, regardless of NODE_ENV; npm must not ask or phone home.
_NPM = ("npm", "ci", "--include=dev", "--no-audit", "--no-fund")
_ENV = {"CI": "true", "npm_config_update_notifier": "false", "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0"}
# Keys of package.json that no install reads; scripts of the app may read everything.
_UNREAD = frozenset({"name", "version", "description", "keywords", "author", "contributors"}) | {
    *("license", "homepage", "bugs", "repository", "private", "main", "type", "scripts")
}


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The dependencies of a revision, and how to install them."""

    manager: str
    command: Command | None
    digest: str


def dependencies(
    target: RefTarget,
    *,
    abi: str,
    configured: str,
    tools: Mapping[str, bool],
    cwd: str,
    env: str = "",
) -> Dependencies:
    """Return the dependencies of the target; raise PreflightError without a lockfile.

    `env` is the digest of `.env`.
    """
    lockfiles = target["lockfiles"]
    package = package_of(target["package_json"])
    manager = next((candidate for name, candidate in _MANAGERS.items() if name in lockfiles), "")
    if configured:
        command: Command | None = Command(("bash", "-c", configured), cwd, _ENV, INSTALL_SECONDS)
    elif not manager and not _needs_any(package):
        return Dependencies("", None, "")
    else:
        command = Command(
            _argv(manager, tools, berry=bool(target["yarn_berry"])), cwd, _ENV, INSTALL_SECONDS
        )
        _refuse_uncovered(target["install"]["direct"], package, lockfiles)
    facts = target["install"]
    own = bool(configured or facts["own_scripts"])
    read = [
        sorted(lockfiles.items()),
        {name: package[name] for name in sorted(package) if name not in _UNREAD},
        facts["read"],
        facts["settings"] if facts["dependency_scripts"] else "",
        [facts["whole"], env] if own else "",
        facts["managers"].get((manager or "npm") if tools.get(manager or "npm") else "corepack"),
        [abi, configured],
    ]
    return Dependencies(
        manager or "npm", command, hashlib.sha256(json.dumps(read).encode()).hexdigest()
    )


def _refuse_uncovered(
    direct: Sequence[DirectDependency], package: Mapping[str, object], lockfiles: Mapping[str, str]
) -> None:
    """Raise PreflightError when the lockfile lacks a dependency, as the install would fail."""
    overridden = any(package.get(name) for name in ("overrides", "resolutions", "pnpm"))
    reason = missing_dependency(direct, overridden=overridden)
    if reason:
        name, manager = next(
            (lockfile, _MANAGERS[lockfile]) for lockfile in _MANAGERS if lockfile in lockfiles
        )
        raise PreflightError(reason, f"{manager} install && git add {name}  # then commit and push")


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
        f"the revision needs {manager}, but the host has neither {manager} nor corepack",
        f"npm install -g {manager}",
    )


def _needs_any(package: Mapping[str, object]) -> bool:
    return any(
        package.get(kind) for kind in ("dependencies", "devDependencies", "optionalDependencies")
    )
