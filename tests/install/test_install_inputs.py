"""What an install reads of a revision, and which dependencies its lockfile has."""

from __future__ import annotations

import json
import os

import pytest

from tests.support.git_repositories import Cloned


def package(**more):
    """Return the text of a package.json."""
    return json.dumps({"name": "app", **more})


def lock(**packages):
    """Return the text of npm's lockfile with these packages."""
    return json.dumps({"lockfileVersion": 3, "packages": {"": {}, **packages}})


FILES = {
    "package.json": package(dependencies={"x": "^1"}),
    "package-lock.json": lock(**{"node_modules/x": {"version": "1.0.0"}}),
    "src/index.js": "1\n",
    "data.json": "{}\n",
}
INSTALL = ("read", "settings", "whole")


@pytest.fixture
def cloned(tmp_path):
    """Return a clone of an app with one dependency."""
    return Cloned(tmp_path, **FILES)


def facts(cloned, **files):
    """Return what an install reads when these files are pushed."""
    cloned.push(**files)
    cloned.fetch()
    return cloned.target("main")["install"]


READ = (
    *(".npmrc", ".yarnrc", ".yarnrc.yml", ".yarn/releases/yarn.cjs", "bun.lock", "bunfig.toml"),
    *("pnpm-workspace.yaml", ".pnpmfile.cjs", "patches/x.patch", "packages/a/package.json"),
)


def test_each_file_that_a_manager_reads_changes_what_is_read(cloned):
    seen = [facts(cloned)["read"], *(facts(cloned, **{name: "{}\n"})["read"] for name in READ)]
    assert len(set(seen)) == len(READ) + 1


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("src/index.js", {"whole"}),
        ("data.json", {"whole"}),
        ("NEWS", {"whole"}),
        (".github/workflows/ci.yml", {"whole"}),
        ("prisma/schema.prisma", {"settings", "whole"}),
        ("prisma.config.ts", {"settings", "whole"}),
        (".puppeteerrc.cjs", {"settings", "whole"}),
        ("proto/a.proto", {"settings", "whole"}),
        ("patches/x.patch", set(INSTALL)),
    ],
)
def test_what_install_scripts_may_read_is_more_than_what_managers_do(cloned, name, changed):
    before = facts(cloned)
    after = facts(cloned, **{name: "other\n"})
    assert {key for key in INSTALL if before[key] != after[key]} == changed


def test_a_mode_is_a_change_too(cloned):
    before = facts(cloned)["whole"]
    (cloned.work / "src/index.js").chmod(0o755)
    assert facts(cloned)["whole"] != before


@pytest.mark.parametrize(
    ("files", "own", "dependencies"),
    [
        ({}, False, False),
        ({"package.json": package(scripts={"build": "x", "start": "y"})}, False, False),
        ({"package.json": package(scripts={"postinstall": "prisma generate"})}, True, False),
        ({"package.json": '{"scripts": {\n "prepare"  : "husky"}}'}, True, False),
        ({"packages/a/package.json": package(scripts={"install": "make"})}, True, False),
        ({"binding.gyp": "{}"}, True, False),
        (
            {"package-lock.json": lock(x={"hasInstallScript": True})},
            False,
            True,
        ),
        ({"package-lock.json": '{"lockfileVersion": 1, "dependencies": {}}'}, False, True),
    ],
)
def test_install_scripts_are_found(cloned, files, own, dependencies):
    found = facts(cloned, **files)
    assert (found["own_scripts"], found["dependency_scripts"]) == (own, dependencies)


COPIED = json.dumps({"dependencies": {"lib": "file:../lib", "tar": "file:x.tgz"}})


@pytest.mark.parametrize(
    ("files", "changed", "read"),
    [
        ({"yarn.lock": ""}, "lib/index.js", True),
        ({"yarn.lock": ""}, "other/index.js", False),
        ({"package-lock.json": "{}"}, "lib/index.js", False),
        ({"package-lock.json": "{}"}, "web/x.tgz", True),
        ({"package-lock.json": "{}", ".npmrc": "install-links = true\n"}, "lib/index.js", True),
    ],
)
def test_a_package_in_the_tree_that_an_install_copies_is_read(cloned, files, changed, read):
    (cloned.work / "package-lock.json").unlink()
    tree = {
        "web/package.json": COPIED,
        "lib/index.js": "1",
        "web/x.tgz": "1",
        "other/index.js": "1",
    }
    before = facts(cloned, **tree, **files)
    assert (facts(cloned, **{changed: "2"})["read"] != before["read"]) is read


@pytest.mark.parametrize(
    ("name", "text", "whole"),
    [
        ("web/package.json", '{"dependenciesMeta": {"lib": {"injected": true}}}', True),
        ("pnpm-workspace.yaml", "injectWorkspacePackages: true\n", True),
        (".npmrc", "inject-workspace-packages=true\n", True),
        (".npmrc", "inject-workspace-packages=false\n", False),
    ],
)
def test_packages_of_the_workspace_that_are_injected_are_read_as_a_whole(cloned, name, text, whole):
    assert facts(cloned, **{name: text})["own_scripts"] is whole


def locked(found):
    """Return the locked version of each dependency, by package.json and name."""
    return {(one["member"], one["name"]): one["locked"] for one in found["direct"]}


ASKED = {"x": "1", "mine": "*"}
NPM = {
    "node_modules/x": {"version": "1.0.0"},
    "node_modules/mine": {"resolved": "packages/mine", "link": True},
    "packages/mine": {"version": "0.0.0"},
    "packages/mine/node_modules/x": {"version": "2.0.0"},
}


def test_npm_s_lockfile_is_read_as_node_looks_for_packages(cloned):
    found = facts(
        cloned,
        **{
            "package.json": package(
                dependencies={"x": "1", "mine": "*"}, devDependencies={"n": "1"}
            ),
            "packages/mine/package.json": package(optionalDependencies={"x": "2", "m": "3"}),
            "packages/other/package.json": package(dependencies={"o": "1"}),
            "package-lock.json": lock(**NPM),
        },
    )
    assert locked(found) == {
        ("", "x"): "1.0.0",
        ("", "mine"): "link",
        ("", "n"): "",
        ("packages/mine", "x"): "2.0.0",
        ("packages/mine", "m"): "",
    }


OLD = {"lockfileVersion": 1, "dependencies": {"x": {"version": "1.0.0"}}}
PNPM = """lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      '@a/x':
        specifier: ^1
        version: 1.0.0
      y:
        specifier: ^1
        version: 1.0.0
"""
YARN = """# yarn lockfile v1

"@a/x@^1.0.0", "@a/x@^1.1.0":
  version "1.1.0"
  dependencies:
    n "^1"

"@b/z@^1", y@^1:
  version "1.0.0"
"""
BERRY = """__metadata:
  version: 8

"@a/x@npm:^1, @a/x@npm:^1.1":
  version: 1.1.0

"y@npm:^1":
  version: 1.0.0
"""


@pytest.mark.parametrize(
    ("name", "text", "missing"),
    [
        ("package-lock.json", json.dumps(OLD), {"@a/x", "y", "n", "z"}),
        ("pnpm-lock.yaml", PNPM, {"n", "z"}),
        ("pnpm-lock.yaml", PNPM + "overrides:\n  n: '-'\n", set()),
        ("yarn.lock", YARN, {"n", "z"}),
        ("yarn.lock", BERRY, {"n", "z"}),
        ("package-lock.json", "no JSON", {"@a/x", "y", "n", "z"}),
    ],
)
def test_a_name_that_a_lockfile_lacks_is_found(cloned, name, text, missing):
    (cloned.work / "package-lock.json").unlink()
    wanted = dict.fromkeys(("@a/x", "y", "n", "z"), "^1")
    found = facts(cloned, **{"package.json": package(dependencies=wanted), name: text})
    assert {key for (_, key), version in locked(found).items() if not version} == missing


def test_a_manager_s_version_is_read_and_not_asked_for(cloned):
    place = cloned.project.place / "managers"
    (place / "npm/bin").mkdir(parents=True)
    (place / "npm/package.json").write_text('{"name": "npm", "version": "10.8.2"}')
    for name in ("npm/bin/npm-cli.js", "pnpm"):
        (place / name).write_text("#!/bin/sh\nexit 9\n")
        (place / name).chmod(0o755)
    bin_ = place / "bin"
    bin_.mkdir()
    (bin_ / "npm").symlink_to("../npm/bin/npm-cli.js")
    (bin_ / "pnpm").symlink_to("../pnpm")
    cloned.project.path = f"{bin_}:{os.environ['PATH']}"
    found = facts(cloned)["managers"]
    assert found["npm"] == "npm 10.8.2"
    (place / "pnpm").write_text("#!/bin/sh\nexit 10\n")
    assert facts(cloned)["managers"]["pnpm"] != found["pnpm"]
