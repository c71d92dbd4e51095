import json

import pytest

from fabfile.pure.errors import PreflightError
from fabfile.pure.packages import Dependencies, dependencies
from fabfile.pure.shell import Command
from tests.pure.facts import PACKAGE, target_of

MANAGERS = ("npm", "pnpm", "yarn")
QUIET = {
    "CI": "true",
    "npm_config_update_notifier": "false",
    "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
}
ALL = {"npm": True, "pnpm": True, "yarn": True, "corepack": True}


def needed(*, abi="127", configured="", tools=ALL, **changes):
    """Return what a revision like any other needs, but for these changes."""
    return dependencies(
        target_of(**changes), abi=abi, configured=configured, tools=tools, cwd="/srv/staging"
    )


@pytest.mark.parametrize(
    ("lockfiles", "berry", "tools", "argv"),
    [
        (["package-lock.json"], False, {}, "npm ci --include=dev --no-audit --no-fund"),
        (["npm-shrinkwrap.json"], False, {}, "npm ci --include=dev --no-audit --no-fund"),
        (
            ["package-lock.json", "yarn.lock"],
            False,
            ALL,
            "npm ci --include=dev --no-audit --no-fund",
        ),
        (["pnpm-lock.yaml"], False, ALL, "pnpm install --frozen-lockfile"),
        (["yarn.lock"], False, ALL, "yarn install --frozen-lockfile"),
        (["yarn.lock"], True, ALL, "yarn install --immutable"),
        (["pnpm-lock.yaml"], False, {"corepack": True}, "corepack pnpm install --frozen-lockfile"),
    ],
)
def test_the_lockfile_says_which_manager_installs(lockfiles, berry, tools, argv):
    found = needed(lockfiles=dict.fromkeys(lockfiles, "l"), yarn_berry=berry, tools=tools)
    assert found.command == Command(tuple(argv.split()), "/srv/staging", QUIET, 1800)
    assert found.manager == next(name for name in MANAGERS if name in argv.split())


def test_the_inventory_s_own_command_wins():
    found = needed(configured="npm install --legacy-peer-deps", lockfiles={})
    argv = ("bash", "-c", "npm install --legacy-peer-deps")
    assert found.command == Command(argv, "/srv/staging", QUIET, 1800)
    assert found.manager == "npm"


def test_a_revision_without_dependencies_needs_no_install_and_no_lockfile():
    found = needed(package_json='{"dependencies": {}}', lockfiles={})
    assert found == Dependencies("", None, "")
    assert needed(package_json="", lockfiles={}) == found


@pytest.mark.parametrize("kind", ["dependencies", "devDependencies", "optionalDependencies"])
def test_dependencies_that_nothing_pins_are_refused(kind):
    with pytest.raises(PreflightError) as caught:
        needed(package_json=json.dumps({kind: {"x": "1"}}), lockfiles={})
    assert caught.value.message == "package.json has dependencies, but no lockfile pins them"
    mends = "npm install --package-lock-only && git add package-lock.json"
    assert caught.value.hint == mends


def test_a_manager_that_the_host_lacks_is_named():
    told = "the revision needs pnpm, and the host has neither it nor corepack"
    with pytest.raises(PreflightError, match=told) as caught:
        needed(lockfiles={"pnpm-lock.yaml": "l"}, tools={"npm": True})
    assert caught.value.hint == "npm install -g pnpm"


def test_what_is_installed_is_known_by_everything_that_made_it():
    hooks = [json.loads(PACKAGE) for _ in range(4)]
    for package, name in zip(
        hooks, ("preinstall", "install", "postinstall", "prepare"), strict=True
    ):
        package["scripts"][name] = "node patch.js"
    digests = {
        needed().digest,
        needed(lockfiles={"package-lock.json": "other"}).digest,
        needed(abi="131").digest,
        *(needed(package_json=json.dumps(package)).digest for package in hooks),
        needed(configured="npm ci").digest,
    }
    assert len(digests) == 8


def test_what_does_not_change_the_install_does_not_change_its_digest():
    renamed = json.loads(PACKAGE) | {"name": "other", "version": "9.9.9"}
    renamed["scripts"]["build"] = "tsc"
    assert needed(package_json=json.dumps(renamed)).digest == needed().digest
