"""What is known of an install that failed, and of one that a rollback did not restore."""

import pytest

from mantodeus_ops.install.dependencies import is_uncovered, without_lost_install
from tests.install.test_dependencies import needed

SAID = (
    "ERR_PNPM_OUTDATED_LOCKFILE  Cannot install",
    "error: lockfile had changes, but lockfile is frozen",
    "YN0028: The lockfile would have been modified by this install",
    "error Your lockfile needs to be updated, but yarn was run with `--frozen-lockfile`.",
    "your package.json and package-lock.json or npm-shrinkwrap.json are in sync",
)


@pytest.mark.parametrize("said", SAID)
def test_a_manager_that_says_so_itself_is_understood(said):
    assert is_uncovered(f"install failed (exit 1): {said}")
    assert not is_uncovered("install failed (exit 1): npm error code E404")
    assert needed(lockfiles={"bun.lockb": "l"}).lock_command.startswith(
        "bun install && git add bun.lockb"
    )
    assert needed(configured="make").lock_command == ""


OLDER = {"revision": "a", "modules": "old", "installed": ["node_modules", "lib/node_modules"]}


@pytest.mark.parametrize(
    ("live", "restored", "known"),
    [
        ({"modules": "new"}, ["dist", "node_modules", "lib"], True),
        ({"modules": "new"}, ["dist", "node_modules"], False),
        ({"modules": "old"}, ["dist"], True),
        ({}, [], False),
    ],
)
def test_a_state_without_its_dependencies_is_followed_by_an_install(live, restored, known):
    found = without_lost_install(OLDER, live, restored)
    assert found == (OLDER if known else {"revision": "a"})
