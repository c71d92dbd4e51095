"""Which dependencies of a workspace its lockfile has, whichever manager wrote it."""

from __future__ import annotations

import json

import pytest

from mantodeus_ops.install.lockfile import missing_dependency
from tests.support.git_repositories import Cloned

PNPM = """lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      '@w/a':
        specifier: workspace:*
        version: link:packages/a

  packages/a:
    dependencies:
      ms:
        specifier: ^2.0.0
        version: 2.0.0

packages:

  ms@2.0.0:
    resolution: {integrity: sha512-x}
"""
PNPM_6 = """lockfileVersion: 5.4

importers:

  .:
    specifiers:
      '@w/a': workspace:*
    dependencies:
      '@w/a': link:packages/a

  packages/a:
    specifiers:
      ms: ^2.0.0
    dependencies:
      ms: 2.0.0_react@18.2.0
"""
YARN_1 = """# yarn lockfile v1


ms@^2.0.0:
  version "2.0.0"
  resolved "https://registry.example/ms-2.0.0.tgz#x"
"""
YARN_4 = """__metadata:
  version: 10

"top@workspace:.":
  version: 0.0.0-use.local
  resolution: "top@workspace:."
  dependencies:
    "@w/a": "workspace:*"
  languageName: unknown

? "a-very-long-key@npm:1.0.0, a-very-long-key@npm:^1.0.0"
:
  version: 1.0.0
  dependencies:
    other: "npm:1"

"@w/a@workspace:*, @w/a@workspace:packages/a":
  version: 0.0.0-use.local
  resolution: "@w/a@workspace:packages/a"
  dependencies:
    ms: "npm:^2.0.0"

"ms@npm:^2.0.0":
  version: 2.0.0
"""
BUN = """{
  "lockfileVersion": 1,
  "workspaces": {
    "": { "name": "top", "dependencies": { "@w/a": "workspace:*", }, },
    "packages/a": { "name": "@w/a", "dependencies": { "ms": "^2.0.0", }, },
  },
  "packages": {
    "@w/a": ["@w/a@workspace:packages/a"],
    "ms": ["ms@2.0.0", "", {}, "sha512-x, ]"],
  }
}
"""
NPM = json.dumps(
    {
        "packages": {
            "": {},
            "node_modules/@w/a": {"resolved": "packages/a", "link": True},
            "packages/a": {"version": "1.0.0"},
            "packages/a/node_modules/ms": {"version": "2.0.0"},
        }
    }
)
LOCKS = {
    "npm": ("package-lock.json", NPM),
    "pnpm": ("pnpm-lock.yaml", PNPM),
    "pnpm 6": ("pnpm-lock.yaml", PNPM_6),
    "yarn 1": ("yarn.lock", YARN_1),
    "yarn 4": ("yarn.lock", YARN_4),
    "bun": ("bun.lock", BUN),
}


@pytest.fixture
def cloned(tmp_path):
    """Return a clone of an app without dependencies."""
    return Cloned(tmp_path, **{"package.json": "{}"})


def reason(cloned, lock, place="", **wanted):
    """Return what a workspace with this lockfile lacks when its package asks for these."""
    name, text = lock
    files = {
        "package.json": {"workspaces": ["packages/*"], "dependencies": {"@w/a": "workspace:*"}},
        "packages/a/package.json": {"name": "@w/a", "dependencies": wanted},
        "other/package.json": {"name": "other", "dependencies": {"lost": "1"}},
    }
    cloned.push(
        **{f"{place}{path}": json.dumps(about) for path, about in files.items()},
        **{f"{place}{name}": text},
    )
    cloned.fetch()
    return missing_dependency(cloned.target("main", root=place.rstrip("/"))["install"]["direct"])


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_each_package_of_a_workspace_is_held_against_the_lockfile(cloned, lock):
    assert reason(cloned, lock, ms="^2.0.0") == ""
    asked = "packages/a/package.json asks for"
    assert reason(cloned, lock, ms="^2.0.0", semver="7").startswith(f"{asked} semver 7, which")
    assert reason(cloned, lock, ms="^3.0.0").startswith(f"{asked} ms ^3.0.0, and the lockfile")


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_a_lockfile_in_the_folder_of_the_app_is_read_there(cloned, lock):
    assert reason(cloned, lock, "apps/web/", ms="^2.0.0") == ""
    assert "semver" in reason(cloned, lock, "apps/web/", semver="7")


def test_a_lockfile_above_the_app_is_found(cloned):
    cloned.push(**{"apps/web/package.json": "{}", "apps/bun.lock": BUN, "package-lock.json": NPM})
    cloned.fetch()
    found = cloned.target("main", root="apps/web")
    assert (found["install"]["place"], list(found["lockfiles"])) == ("apps", ["bun.lock"])
    assert cloned.target("main", root="src")["install"]["place"] == ""


SETTINGS = [
    ("", "# yarn lockfile v1\n", (False, False)),
    ("nodeLinker: node-modules\n", YARN_4, (True, False)),
    ("enableScripts: false\n", YARN_4, (True, True)),
    ("", YARN_4, (True, True)),
    ('nodeLinker: "pnpm"\n', YARN_4, (True, False)),
]


@pytest.mark.parametrize(("settings", "lock", "seen"), SETTINGS)
def test_how_yarn_installs_is_read_from_its_settings(cloned, settings, lock, seen):
    cloned.push(**{"yarn.lock": lock, **({".yarnrc.yml": settings} if settings else {})})
    cloned.fetch()
    yarn = cloned.target("main")["install"]["yarn"]
    assert (yarn["berry"], yarn["pnp"]) == seen
