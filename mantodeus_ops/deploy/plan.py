"""Plans a deploy from the facts of the host and git."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypedDict

from mantodeus_ops.deploy.start_command import StartSpec, pnp_start_spec, start_command, start_spec
from mantodeus_ops.git.git_commands import checkout
from mantodeus_ops.install.dependencies import Dependencies, dependencies
from mantodeus_ops.install.package_json import package_of, package_scripts
from mantodeus_ops.inventory.parse import App
from mantodeus_ops.monitor.status_report import is_healthy
from mantodeus_ops.remote.answers.backup import LiveRecord
from mantodeus_ops.remote.answers.deploy import RefTarget
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.text.format import short

BUILD_SECONDS = 1800
_BUILD_ENV = {"CI": "true", "npm_config_update_notifier": "false"}


@dataclass(frozen=True, slots=True)
class DeployOptions:
    """The options of a deploy."""

    ref: str = ""  # the inventory's branch
    skip_backup: bool = False
    skip_health: bool = False
    skip_boot_test: bool = False
    allow_dirty: bool = False
    force_install: bool = False
    spelled: str = ""  # git's full name of the ref


class _Root(TypedDict, total=False):
    root: str


class StagedKey(_Root):
    """What a finished stage must match to be used again, or to be what is live."""

    revision: str
    modules: str
    env: str
    commands: list[str]
    hooks: list[list[str]]
    outputs: list[str]
    files: list[list[str]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a deploy of one revision."""

    revision: str
    kind: str
    ref: str
    name: str
    subject: str
    previous: str
    commits: tuple[str, ...]
    rewritten: bool
    dependencies: Dependencies
    installs: bool
    reason: str
    build: Command | None
    outputs: tuple[str, ...]
    made: tuple[str, ...]
    installed: tuple[str, ...]
    saved: tuple[str, ...]
    ecosystem: str
    spec: StartSpec
    staged: StagedKey
    started_by: list[str]
    submodules: int
    unchanged: bool
    disk_needed: int

    @property
    def summary(self) -> str:
        """Return the previous and the new revision, for people."""
        before = "" if self.previous == self.revision else f"{short(self.previous) or 'nothing'} → "
        return f"{before}{short(self.revision)}  {self.subject}"

    @property
    def swaps(self) -> tuple[str, ...]:
        """Return the paths that a deploy swaps as far as is known before it: those live now."""
        place = PurePosixPath(self.dependencies.place)
        modules = (str(place / "node_modules"),) if self.dependencies.command else ()
        return tuple(dict.fromkeys((*self.outputs, *self.made, *modules)))

    @property
    def checkout(self) -> tuple[str, ...]:
        """Return git's arguments that set the work tree to the revision."""
        return checkout(self.kind, self.name, self.revision)


def make_plan(app: App, options: DeployOptions, facts: Facts, target: RefTarget) -> Plan:
    """Return the plan; raise PreflightError for a revision that cannot be installed or started."""
    project = str(app.project_dir)
    staging = f"{project}/.deploy/staging"
    needed = _needed(app, facts, target, staging)
    live: LiveRecord = facts["live"] or {}
    installs, reason = _installs(needed, live, facts, force=options.force_install)
    build = _build(app, target["package_json"], needed, staging)
    ecosystem = app.ecosystem or next(iter(target["ecosystems"]), "")
    if app.start_command:
        ecosystem = ""
    staged, started_by = _staged_key(target, needed, app, facts), _started_by(app)
    return Plan(
        revision=target["revision"],
        kind=target["kind"],
        ref=options.ref,
        name=target["name"],
        subject=target["subject"],
        previous=live.get("revision") or (target["head"] if facts["pm2"]["workers"] else ""),
        commits=tuple(target["commits"]),
        rewritten=bool(target["rewritten"]),
        dependencies=needed,
        installs=installs,
        reason=reason,
        build=build,
        outputs=app.build_outputs if build else (),
        made=tuple(facts["made"]),
        installed=tuple(facts["installed"] or ()),
        saved=tuple(facts["backup_paths"]),
        ecosystem=ecosystem,
        spec={} if ecosystem else _spec(app, target, needed),
        staged=staged,
        started_by=started_by,
        submodules=target.get("submodules", 0),
        unchanged=_unchanged(staged, started_by, facts, force=options.force_install),
        disk_needed=_disk(target, installs=installs, backup=not options.skip_backup),
    )


def _spec(app: App, target: RefTarget, needed: Dependencies) -> StartSpec:
    command = start_command(app.start_command, target["package_json"])
    if not needed.pnp:
        return start_spec(command)
    yarn, resolver = needed.program_in(app.root), needed.resolver_in(app.root)
    package = package_of(target["package_json"])
    return pnp_start_spec(command, package, yarn, resolver, own=not app.start_command)


def _needed(app: App, facts: Facts, target: RefTarget, staging: str) -> Dependencies:
    return dependencies(
        target,
        abi=facts["abi"],
        configured=app.install_command,
        tools=facts["tools"],
        cwd=staging,
        env=facts["env"].get("digest", ""),
    )


def _installs(
    needed: Dependencies, live: LiveRecord, facts: Facts, *, force: bool
) -> tuple[bool, str]:
    if not needed.command:
        return False, "the revision has no dependencies"
    if force:
        return True, "asked for"
    if facts["installed"] is None or not live.get("modules"):
        return True, "no installation is recorded"
    if live["modules"] != needed.digest:
        return True, "files that the install reads have changed"
    return False, "dependencies are unchanged"


def _build(app: App, package_json: str, needed: Dependencies, staging: str) -> Command | None:
    command = app.build_command
    if not command and "build" not in package_scripts(package_json):
        return None
    # Only yarn finds what its Plug'n'Play installed.
    program = needed.program_in(app.root) if needed.pnp else ("npm",)
    argv = ("bash", "-c", command) if command else (*program, "run", "build")
    return Command(argv, app_folder(app, staging), _BUILD_ENV, BUILD_SECONDS)


def app_folder(app: App, top: str) -> str:
    """Return the folder of the app in a work tree."""
    return str(PurePosixPath(top, app.root))


def _staged_key(target: RefTarget, needed: Dependencies, app: App, facts: Facts) -> StagedKey:
    """Return the key that a finished stage must match to be reused, or to be live already.

    How it is started is no part of it: to change that needs no other build.
    """
    root: _Root = {"root": app.root} if app.root else {}
    return {
        **root,
        "revision": target["revision"],
        "modules": needed.digest,
        "env": facts["env"].get("digest", ""),
        "commands": [app.install_command, app.build_command],
        "hooks": [list(app.hooks.get(name, ())) for name in ("before_build", "after_build")],
        "outputs": list(app.build_outputs),
        "files": [list(app.stage_files), list(app.shared_paths)],
    }


def _started_by(app: App) -> list[str]:
    """Return the settings that say how the app is started: no part of what is staged."""
    return [app.start_command, app.ecosystem, app.name, app.pm2_name, app.pm2_env]


def _unchanged(staged: StagedKey, started_by: list[str], facts: Facts, *, force: bool) -> bool:
    """Return whether exactly this stage is live, complete and healthy."""
    live: LiveRecord = facts["live"] or {}
    git = facts["git"]
    same = (
        live.get("staged") == staged
        and live.get("started_by") == started_by
        and git.get("head") == staged["revision"]
        and not git.get("dirty")
    )
    return bool(same and facts["whole"] and not force and is_healthy(facts))


def _disk(target: RefTarget, *, installs: bool, backup: bool) -> int:
    """Return the bytes needed: tree, build, new dependencies and an archive."""
    measured: Mapping[str, int] = target["bytes"]
    installed = {name for name in measured if PurePosixPath(name).name == "node_modules"}
    modules = sum(measured[name] for name in installed) or 200_000_000
    rest = sum(size for name, size in measured.items() if name not in installed)
    archive = (modules + rest) // 2 if backup and measured else 0
    return int(target["tree_bytes"]) + rest + (modules if installs else modules // 20) + archive


def swapped_paths(staged: Sequence[str], live: Sequence[str]) -> list[str]:
    """Return the paths that a deploy swaps: what was made for the new version and for the live one.

    A path below another one of them is swapped with it.
    """
    every = dict.fromkeys((*staged, *live))
    return [path for path in every if not any(path.startswith(f"{above}/") for above in every)]
