"""Workspaces of two packages, installed by each package manager: what was tested is live."""

from __future__ import annotations

import difflib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.e2e.little_fleet import LittleFleet
from tests.support.package_managers import programs_of

# The page has which `ms` each package loads, and what a patch or a setting of the install left.
SERVER = """
const lib = require('@w/lib');
const env = () => require('fs').readFileSync('.env', 'utf8').match(/PORT=([0-9]+)/)[1];
const port = process.env.PORT || env();
const page = [require('./version.json'), require('ms/package.json').version, lib].join(' ');
require('http').createServer((asked, answer) => answer.end(page)).listen(port, '127.0.0.1');
"""
LIB = "module.exports = require('ms/package.json').version;\n"
WEB = {"ms": "2.1.3", "semver": "7.6.0"}
ANY = {"npm": "*", "yarn1": "1.0.0"}
MANAGERS = {
    "npm": ("npm", "npm", ("install", "--package-lock-only")),
    "pnpm": ("pnpm@10", "pnpm", ("install", "--lockfile-only")),
    "yarn1": ("yarn@1", "yarn", ("install",)),
    "yarn4": ("@yarnpkg/cli-dist@4", "yarn", ("install", "--mode=update-lockfile")),
    "pnp": ("@yarnpkg/cli-dist@4", "yarn", ("install", "--mode=update-lockfile")),
    "bun": ("bun@1", "bun", ("install", "--lockfile-only")),
}
SETTINGS = {
    "pnpm": ("pnpm-workspace.yaml", "packages:\n  - apps/*\n  - packages/*\n"),
    "yarn4": (".yarnrc.yml", "nodeLinker: node-modules\n"),
    "pnp": (".yarnrc.yml", "nodeLinker: pnp\n"),
}
CHANGED = {
    "npm": (".npmrc", "fund=true\n"),
    "pnpm": (".npmrc", "public-hoist-pattern[]=lru*\n"),
    "yarn1": (".yarnrc", "--install.ignore-optional true\n"),
    "yarn4": (".yarnrc.yml", "nodeLinker: node-modules\nnmMode: hardlinks-local\n"),
    "pnp": (".yarnrc.yml", "nodeLinker: pnp\npnpMode: strict\n"),
    "bun": ("bunfig.toml", "[install]\noptional = false\n"),
}


class Workspace:
    """An app in `apps/web` that uses the package `packages/lib`, and the host that it runs on."""

    def __init__(self, box: Sandbox, kind: str) -> None:
        self.kind = kind
        self.package, self.program, self.lock = MANAGERS[kind]
        self.fleet = LittleFleet(box, 1)
        self.programs = programs_of(self.package) if self.program != "npm" else None
        settings = box.hosts["web1"]
        settings |= {"root": "apps/web", "start_command": "node server.js", "boot_test": True}
        if self.programs:
            settings["path"] = [str(self.programs), *box.defaults["path"]]
        del settings["backup_paths"]
        box.write_inventory()
        env = self.place / "apps/web/.env"
        env.parent.mkdir(parents=True)
        (self.place / ".env").rename(env)

    @property
    def place(self) -> Path:
        """Return the project on the host."""
        return self.fleet.place("web1")

    def write(self, version: str, web: dict[str, str] | None = None) -> None:
        """Release the workspace, its lockfile made by the manager."""
        own = {"@w/lib": ANY.get(self.kind, "workspace:*")}
        top = {"name": "top", "private": True, "workspaces": ["apps/*", "packages/*"]}
        lib = {"name": "@w/lib", "version": "1.0.0", "dependencies": {"ms": "2.0.0"}}
        files = dict([SETTINGS[self.kind]] if self.kind in SETTINGS else [])
        files |= {
            ".gitignore": "node_modules\n.env\n.pnp.*\n.yarn\n",
            "package.json": json.dumps(top),
            "apps/web/package.json": json.dumps(
                {"name": "web", "version": "1.0.0", "dependencies": {**own, **(web or WEB)}}
            ),
            "apps/web/server.js": SERVER,
            "apps/web/version.json": json.dumps(version),
            "packages/lib/package.json": json.dumps(lib),
            "packages/lib/index.js": LIB,
        }
        gone = ("build.js", "app.js", ".env.example", "package-lock.json")
        self.fleet.release({**files, **{name: None for name in gone if self.has(name)}})
        self.make_lockfile()
        self.fleet.release()

    def has(self, name: str) -> bool:
        """Return whether the newest revision has this file."""
        return (self.fleet.box.origin.work / name).exists()

    def make_lockfile(self) -> None:
        """Have the manager write its lockfile."""
        program = str(self.programs / self.program) if self.programs else self.program
        env = {**self.fleet.box.env(), "YARN_ENABLE_IMMUTABLE_INSTALLS": "false"}
        work = self.fleet.box.origin.work
        subprocess.run([program, *self.lock], cwd=work, env=env, check=True, capture_output=True)

    def ship(self, task: str = "deploy", code: int = 0, **files: str) -> dict[str, str]:
        """Release these files and deploy; return how each step ended."""
        self.fleet.release(dict(files))
        done = self.fleet.on("web1", task, code=code)
        return done.steps() if code == 0 else done.row


def of(*kinds: str) -> list[object]:
    """Return these managers, each with a separate worker."""
    return [pytest.param(one, marks=pytest.mark.xdist_group(f"workspace-{one}")) for one in kinds]


@pytest.fixture(scope="module", params=of(*MANAGERS))
def workspace(request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """Yield the workspace of a manager, deployed."""
    with Sandbox() as box:
        made = Workspace(box, request.param)
        made.write("v1")
        assert made.ship("deploy.setup")["install"] == "ok"
        yield made
        made.fleet.world.end()


def test_each_package_has_its_own_version_when_it_is_live(workspace: Workspace) -> None:
    assert workspace.fleet.pages() == ["v1 2.1.3 2.0.0"]


def test_a_second_deploy_reuses_what_was_installed(workspace: Workspace) -> None:
    assert workspace.ship(**{"apps/web/version.json": '"v2"'})["install"] == "reused"
    assert workspace.fleet.pages() == ["v2 2.1.3 2.0.0"]
    assert workspace.ship(**{"apps/web/version.json": '"v3"'})["install"] == "reused"
    workspace.fleet.on("web1", "rollback")
    assert workspace.fleet.pages() == ["v2 2.1.3 2.0.0"]


def test_an_archive_holds_the_whole_workspace(workspace: Workspace) -> None:
    kept = workspace.fleet.on("web1", "backup.list").row["backups"]
    name = next(one["name"] for one in kept if one["reason"].startswith("before deploy"))
    for place in ("previous", "staging"):
        shutil.rmtree(workspace.place / ".deploy" / place, ignore_errors=True)
    workspace.fleet.on("web1", "rollback", "--backup", name)
    assert workspace.fleet.pages()[0].endswith(" 2.1.3 2.0.0")
    before = workspace.fleet.pages()
    workspace.fleet.on("web1", "rollback", "--undo")
    assert workspace.fleet.pages() != before
    assert workspace.fleet.pages()[0].endswith(" 2.1.3 2.0.0")


def test_a_setting_of_the_manager_installs(workspace: Workspace) -> None:
    name, text = CHANGED[workspace.kind]
    assert workspace.ship(**{name: text, "apps/web/version.json": '"v4"'})["install"] == "ok"
    assert workspace.fleet.pages() == ["v4 2.1.3 2.0.0"]


def patch(workspace: Workspace, suffix: str) -> str:
    """Return a patch that adds this to the version of `ms`."""
    before = (workspace.place / "apps/web/node_modules/ms/package.json").read_text()
    after = before.replace('"2.1.3"', f'"2.1.3-{suffix}"')
    name = "package.json"
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    return f"diff --git a/{name} b/{name}\n{''.join(lines)}"


@pytest.mark.parametrize("workspace", of("bun"), indirect=True)
def test_a_patch_alone_installs(workspace: Workspace) -> None:
    file = "patches/ms@2.1.3.patch"
    first, second = patch(workspace, "one"), patch(workspace, "two")
    top = json.loads((workspace.fleet.box.origin.work / "package.json").read_text())
    patched = json.dumps({**top, "patchedDependencies": {"ms@2.1.3": file}})
    workspace.fleet.release({"package.json": patched, file: first})
    workspace.make_lockfile()
    workspace.ship()
    assert "2.1.3-one" in workspace.fleet.pages()[0]
    assert workspace.ship(**{file: second})["install"] == "ok"
    assert "2.1.3-two" in workspace.fleet.pages()[0]
    workspace.fleet.release({"package.json": json.dumps(top)})
    workspace.make_lockfile()
    workspace.ship()
    assert "2.1.3-" not in workspace.fleet.pages()[0]


def test_a_package_json_alone_is_refused_with_the_command_to_type(workspace: Workspace) -> None:
    about = json.loads((workspace.fleet.box.origin.work / "packages/lib/package.json").read_text())
    about["dependencies"] = {"ms": "2.1.2"}
    row = workspace.ship(code=1, **{"packages/lib/package.json": json.dumps(about)})
    assert "packages/lib/package.json asks for ms 2.1.2" in row["error"]
    assert f"{workspace.program} install && git add" in row["hint"]
    workspace.make_lockfile()
    assert workspace.ship()["install"] == "ok"
    assert workspace.fleet.pages() == ["v4 2.1.3 2.1.2"]
