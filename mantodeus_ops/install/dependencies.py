"""Chooses package manager and install command, and identifies an installed node_modules."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import cast

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.install.lockfile import missing_dependency
from mantodeus_ops.install.package_json import package_of
from mantodeus_ops.inventory.validators import overlap
from mantodeus_ops.lockfiles import MANAGER_OF
from mantodeus_ops.remote.answers.backup import LiveRecord
from mantodeus_ops.remote.answers.deploy import InstallInputs, RefTarget
from mantodeus_ops.remote.shell import Command

INSTALL_SECONDS = 1800
# devDependencies are needed to build, regardless of NODE_ENV; npm must not ask or phone home.
_FROZEN = {
    "pnpm": ("--frozen-lockfile", "--prod=false"),
    "yarn": ("--frozen-lockfile", "--production=false"),
    "bun": ("--frozen-lockfile",),
}
_NPM = ("npm", "ci", "--include=dev", "--no-audit", "--no-fund")
_ENV = {"CI": "true", "npm_config_update_notifier": "false", "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0"}
# Plug'n'Play has the packages where the global cache is, unless that is in the tree.
_PNP_ENV = {"YARN_ENABLE_GLOBAL_CACHE": "false"}
_UNCOVERED = re.compile(
    "ERR_PNPM_OUTDATED_LOCKFILE|lockfile is frozen|YN0028|Your lockfile needs to be updated|"
    "package.json and package-lock.json .* in sync"
)
# Keys of package.json that no install reads; scripts of the app may read everything.
_UNREAD = frozenset({"name", "version", "description", "keywords", "author", "contributors"}) | {
    *("license", "homepage", "bugs", "repository", "private", "main", "type", "scripts")
}


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The dependencies of a revision, and how to install them.

    `place` is the directory of the lockfile, relative to the top of the clone. `program` is how the
    manager is called. With `pnp`, yarn's Plug'n'Play serves the packages. `lock_command` makes the
    lockfile cover package.json.
    """

    manager: str
    command: Command | None
    digest: str
    place: str = ""
    program: tuple[str, ...] = ()
    pnp: bool = False
    lock_command: str = ""

    def program_in(self, root: str) -> tuple[str, ...]:
        """Return how to call the manager in a folder at or below `place`."""
        if self.program[:1] != ("node",):
            return self.program or (self.manager,)
        return ("node", f"{_up(self.place, root)}{self.program[1]}")

    def resolver_in(self, root: str) -> str:
        """Return where Plug'n'Play's resolver is, as seen from a folder at or below `place`."""
        return f"./{_up(self.place, root)}.pnp.cjs"


def _up(place: str, folder: str) -> str:
    return "../" * (len(PurePosixPath(folder).parts) - len(PurePosixPath(place).parts))


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

    `cwd` is the stage, and `env` the digest of `.env`.
    """
    facts = target["install"]
    package = package_of(facts["package_json"])
    manager = _manager(target["lockfiles"], package)
    folder = f"{cwd}/{facts['place']}".removesuffix("/")
    program = () if configured else _program(manager, tools, facts)
    lock_command = _lock_command(facts["place"], target["lockfiles"], manager)
    if configured:
        command = Command(("bash", "-c", configured), folder, _ENV, INSTALL_SECONDS)
    elif not manager and not _needs_any(package):
        return Dependencies("", None, "")
    else:
        _refuse_uncovered(facts, package, lock_command)
        argv = _argv(manager, program, berry=facts["yarn"]["berry"])
        command = Command(argv, folder, _ENV | _more_env(manager, facts), INSTALL_SECONDS)
    installer = (manager or "npm") if tools.get(manager or "npm") else "corepack"
    return Dependencies(
        manager or "npm",
        command,
        _digest(target, package, installer, abi=abi, configured=configured, env=env),
        facts["place"],
        program,
        manager == "yarn" and facts["yarn"]["pnp"],
        "" if configured else lock_command,
    )


def _digest(
    target: RefTarget,
    package: Mapping[str, object],
    installer: str,
    *,
    abi: str,
    configured: str,
    env: str,
) -> str:
    """Return a digest of all that the install reads."""
    facts = target["install"]
    own = bool(configured or facts["own_scripts"])
    read = [
        sorted(target["lockfiles"].items()),
        {name: package[name] for name in sorted(package) if name not in _UNREAD},
        facts["read"],
        facts["settings"] if facts["dependency_scripts"] else "",
        [facts["whole"], env] if own else "",
        facts["managers"].get(installer),
        [abi, configured, *([facts["place"]] if facts["place"] else [])],
    ]
    return hashlib.sha256(json.dumps(read).encode()).hexdigest()


def _manager(lockfiles: Mapping[str, str], package: Mapping[str, object]) -> str:
    """Return the manager of the lockfile; of several, the one that package.json names."""
    found = [manager for name, manager in MANAGER_OF.items() if name in lockfiles]
    named = str(package.get("packageManager", "")).partition("@")[0]
    return named if named in found else next(iter(found), "")


def _refuse_uncovered(
    facts: InstallInputs, package: Mapping[str, object], lock_command: str
) -> None:
    """Raise PreflightError when the lockfile lacks a dependency, as the install would fail."""
    overridden = any(package.get(name) for name in ("overrides", "resolutions", "pnpm"))
    reason = missing_dependency(facts["direct"], overridden=overridden)
    if reason:
        raise PreflightError(reason, lock_command)


def _lock_command(place: str, lockfiles: Mapping[str, str], manager: str) -> str:
    """Return the command that makes the lockfile cover package.json."""
    name = next((one for one in MANAGER_OF if one in lockfiles and MANAGER_OF[one] == manager), "")
    there = f"cd {shlex.quote(place)} && " if place else ""
    return f"{there}{manager} install && git add {name}  # then commit and push" if name else ""


def without_lost_install(
    record: LiveRecord, live: LiveRecord, restored: Collection[str]
) -> LiveRecord:
    """Return the record of a state that is restored, as far as its dependencies are.

    A backup may hold no dependencies; those of the live version then stay, and are of another
    install.
    """
    known = record.get("installed")
    names = list(known) if isinstance(known, list) else ["node_modules"]
    whole = all(any(overlap(name, path) for path in restored) for name in names)
    if whole or record.get("modules") == live.get("modules"):
        return record
    rest = {key: value for key, value in record.items() if key not in {"modules", "installed"}}
    return cast("LiveRecord", rest)


def is_uncovered(reason: str) -> bool:
    """Return whether a manager says that its lockfile does not cover package.json."""
    return bool(_UNCOVERED.search(reason))


def _more_env(manager: str, facts: InstallInputs) -> dict[str, str]:
    if manager != "yarn" or not facts["yarn"]["berry"]:
        return {}
    return {"YARN_ENABLE_TELEMETRY": "0", **(_PNP_ENV if facts["yarn"]["pnp"] else {})}


def _argv(manager: str, program: tuple[str, ...], *, berry: bool) -> tuple[str, ...]:
    if manager == "npm":
        return _NPM
    if not manager:
        message = "package.json has dependencies, but no lockfile pins them"
        raise PreflightError(
            message, "npm install --package-lock-only && git add package-lock.json"
        )
    return (*program, "install", *(("--immutable",) if berry else _FROZEN[manager]))


def _program(manager: str, tools: Mapping[str, bool], facts: InstallInputs) -> tuple[str, ...]:
    """Return how to call the manager; raise PreflightError when the host has no way to."""
    if manager in {"", "npm"} or tools.get(manager):
        return (manager or "npm",)
    own = facts["yarn"]["program"]
    if manager == "yarn" and own:
        return ("node", own)
    if manager == "bun":
        raise PreflightError(
            "the revision needs bun, but the host does not have it", "npm install -g bun"
        )
    if tools.get("corepack"):
        return ("corepack", manager)
    raise PreflightError(
        f"the revision needs {manager}, but the host has neither {manager} nor corepack",
        f"npm install -g {manager}",
    )


def _needs_any(package: Mapping[str, object]) -> bool:
    return any(
        package.get(kind) for kind in ("dependencies", "devDependencies", "optionalDependencies")
    )
