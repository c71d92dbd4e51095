import json

import pytest

from fabfile.pure.errors import PreflightError
from fabfile.pure.packages import dependencies
from tests.pure.facts import PACKAGE, target_of

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
    assert " ".join(found.command.argv) == argv
    assert (found.command.cwd, found.command.env["CI"]) == ("/srv/staging", "true")
    assert found.command.timeout_seconds > 0


def test_the_inventory_s_own_command_wins():
    found = needed(configured="npm install --legacy-peer-deps", lockfiles={})
    assert found.command.argv == ("bash", "-c", "npm install --legacy-peer-deps")


def test_a_revision_without_dependencies_needs_no_install_and_no_lockfile():
    found = needed(package_json='{"dependencies": {}}', lockfiles={})
    assert (found.command, found.digest) == (None, "")


@pytest.mark.parametrize("kind", ["dependencies", "devDependencies", "optionalDependencies"])
def test_dependencies_that_nothing_pins_are_refused(kind):
    with pytest.raises(PreflightError, match="no lockfile") as caught:
        needed(package_json=json.dumps({kind: {"x": "1"}}), lockfiles={})
    assert "package-lock-only" in caught.value.hint


def test_a_manager_that_the_host_lacks_is_named():
    with pytest.raises(PreflightError, match="needs pnpm") as caught:
        needed(lockfiles={"pnpm-lock.yaml": "l"}, tools={"npm": True})
    assert caught.value.hint == "npm install -g pnpm"


def test_what_is_installed_is_known_by_everything_that_made_it():
    hooked = json.loads(PACKAGE)
    hooked["scripts"]["postinstall"] = "node patch.js"
    digests = {
        needed().digest,
        needed(lockfiles={"package-lock.json": "other"}).digest,
        needed(abi="131").digest,
        needed(package_json=json.dumps(hooked)).digest,
        needed(configured="npm ci").digest,
    }
    assert len(digests) == 5


def test_what_does_not_change_the_install_does_not_change_its_digest():
    renamed = json.loads(PACKAGE) | {"name": "other", "version": "9.9.9"}
    renamed["scripts"]["build"] = "tsc"
    assert needed(package_json=json.dumps(renamed)).digest == needed().digest
