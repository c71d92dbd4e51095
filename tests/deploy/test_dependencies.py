import json

import pytest

from mantodeus_ops.deploy.dependencies import Dependencies, dependencies
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.remote.shell import Command
from tests.support.host_facts import PACKAGE, install_of, target_of

MANAGERS = ("npm", "pnpm", "yarn")
QUIET = {
    "CI": "true",
    "npm_config_update_notifier": "false",
    "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
}
ALL = {"npm": True, "pnpm": True, "yarn": True, "corepack": True}


def needed(*, abi="127", configured="", tools=ALL, env="", **changes):
    """Return what a revision like any other needs, but for these changes."""
    return dependencies(
        target_of(**changes),
        abi=abi,
        configured=configured,
        tools=tools,
        cwd="/srv/staging",
        env=env,
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
    told = "the revision needs pnpm, but the host has neither pnpm nor corepack"
    with pytest.raises(PreflightError, match=told) as caught:
        needed(lockfiles={"pnpm-lock.yaml": "l"}, tools={"npm": True})
    assert caught.value.hint == "npm install -g pnpm"


def package(**changes):
    """Return the package.json of an ordinary revision, but for these changes."""
    return json.dumps(json.loads(PACKAGE) | changes)


CHANGED = {
    "the lockfile": {"lockfiles": {"package-lock.json": "other"}},
    "node": {"abi": "131"},
    "the command": {"configured": "npm ci"},
    "overrides": {"package_json": package(overrides={"y": "2"})},
    "engines": {"package_json": package(engines={"node": ">=22"})},
    "a dependency": {"package_json": package(dependencies={"x": "1", "y": "2"})},
    "a file that managers read": {"install": install_of(read="other")},
    "the manager": {"install": install_of(managers={"npm": "npm 11.0.0"})},
}


@pytest.mark.parametrize("changes", CHANGED.values(), ids=CHANGED)
def test_an_install_is_another_when_anything_changed_that_it_reads(changes):
    assert needed(**changes).digest != needed().digest


def test_another_manager_is_another_install():
    locks = ("package-lock.json", "pnpm-lock.yaml", "yarn.lock")
    assert len({needed(lockfiles={name: "l"}).digest for name in locks}) == len(locks)


@pytest.mark.parametrize(
    ("facts", "changes", "matters"),
    [
        ({}, {"settings": "other"}, False),
        ({}, {"whole": "other"}, False),
        ({"dependency_scripts": True}, {"settings": "other"}, True),
        ({"dependency_scripts": True}, {"whole": "other"}, False),
        ({"own_scripts": True}, {"whole": "other"}, True),
    ],
)
def test_an_install_script_reads_more_than_the_managers_do(facts, changes, matters):
    before, after = (install_of(**{**facts, **one}) for one in ({}, changes))
    assert (needed(install=before).digest != needed(install=after).digest) is matters


@pytest.mark.parametrize(
    "changes",
    [{"configured": "make deps"}, {"install": install_of(own_scripts=True)}],
)
def test_a_program_of_the_app_may_read_its_variables(changes):
    assert needed(**changes, env="1").digest != needed(**changes, env="2").digest
    assert needed(env="1").digest == needed(env="2").digest


def test_what_does_not_change_the_install_does_not_change_its_digest():
    scripts = json.loads(PACKAGE)["scripts"] | {"build": "tsc"}
    renamed = package(name="other", version="9.9.9", scripts=scripts)
    assert needed(package_json=renamed).digest == needed().digest


def test_a_dependency_that_the_lockfile_lacks_is_refused_before_the_install():
    missing = install_of(direct=[{"member": "", "name": "y", "spec": "^2", "locked": ""}])
    with pytest.raises(PreflightError, match=r"asks for y \^2, which the lockfile does") as caught:
        needed(install=missing)
    assert caught.value.hint.startswith("npm install && git add package-lock.json")
    assert needed(install=missing, configured="npm install").command


def test_versions_that_are_overridden_are_left_to_the_manager():
    other = install_of(direct=[{"member": "", "name": "x", "spec": "^2", "locked": "1.0.0"}])
    with pytest.raises(PreflightError, match=r"the lockfile has 1\.0\.0"):
        needed(install=other)
    assert needed(install=other, package_json=package(overrides={"x": "1.0.0"})).command
