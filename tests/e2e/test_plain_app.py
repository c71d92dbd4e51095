"""An app that is all in git, without a build, without dependencies: its revision is the version."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sandbox import Sandbox
from tests.e2e.little_fleet import APP, PACKAGE, LittleFleet

pytestmark = pytest.mark.xdist_group("plain")


@contextmanager
def first_version() -> Iterator[LittleFleet]:
    """Yield two hosts that run the first version, `server.js` out of git."""
    with Sandbox() as box:
        fleet = LittleFleet(box, 2)
        for name in fleet.names:
            box.hosts[name]["start_command"] = "node server.js"
            del box.hosts[name]["backup_paths"]
        box.write_inventory()
        without = {"package-lock.json": None, "build.js": None, "app.js": None}
        fleet.release({**without, "package.json": json.dumps(PACKAGE), "server.js": code("v1")})
        fleet.all("deploy.setup")
        yield fleet
        fleet.world.end()


@pytest.fixture(scope="module")
def two() -> Iterator[LittleFleet]:
    """Yield two hosts, on which other versions were live before."""
    with first_version() as fleet:
        yield fleet


@pytest.fixture
def fresh() -> Iterator[LittleFleet]:
    """Yield two hosts on which nothing but the first version was ever live."""
    with first_version() as fleet:
        yield fleet


def code(version: str) -> str:
    """Return an app that answers with its version."""
    return APP.replace("%REVISION%", version)


def shipped(fleet: LittleFleet, version: str, hosts: str = "web1") -> str:
    """Release a version and deploy it; return its backup of the version before."""
    fleet.release({"server.js": code(version)})
    return str(fleet.on(hosts, "deploy").rows[0]["backup"])


def test_versions_without_a_build_are_states_to_go_back_to(fresh: LittleFleet):
    first = shipped(fresh, "v2")
    shipped(fresh, "v3")
    assert live(fresh) == "v3"
    listed = fresh.on("web1", "backup.list").row["backups"]
    assert [one["same_revision"] for one in listed][:2] == [False, False]
    forget_the_remote(fresh)
    for version in ("v2", "v1"):
        fresh.on("web1", "rollback")
        assert live(fresh) == version
    refused = fresh.on("web1", "rollback", code=1).row
    assert "no older" in refused["error"]
    assert "rollback --undo" in refused["hint"]
    fresh.on("web1", "rollback", "--undo")
    assert live(fresh) == "v2"
    fresh.on("web1", "rollback", "--backup", first)
    assert live(fresh) == "v1"
    assert fresh.on("web1", "rollback", "--backup", first).row["status"] == "unchanged"
    remember_the_remote(fresh)


def test_an_env_that_was_changed_is_what_a_rollback_takes_back_first(two: LittleFleet):
    shipped(two, "v4")
    shipped(two, "v5")
    for number in range(6):
        done = two.box.fab("-H", "web1", "env.set", "NUMBER", "--restart", stdin=f"n{number}")
        assert done.returncode == 0, done.stderr
    two.on("web1", "rollback")
    assert live(two) == "v5"
    assert "n4" in env(two)


def test_a_host_that_was_reverted_answers_as_before(two: LittleFleet):
    shipped(two, "v6", "web*")
    two.release({"server.js": code("v7")})
    two.cannot_build(["web2"])
    rows = two.all("deploy", "--on-failure", "revert", code=1).rows
    two.cannot_build([])
    assert [row["status"] for row in rows] == ["reverted", "failed"]
    assert two.pages() == ["v6", "v6"]


def live(fleet: LittleFleet) -> str:
    """Return the version that answers; the files in git must be those of it."""
    page = fleet.pages()[0]
    assert (fleet.place("web1") / "server.js").read_text() == code(page)
    return page


def env(fleet: LittleFleet) -> str:
    """Return the .env of the first host."""
    return (fleet.place("web1") / ".env").read_text()


def git(fleet: LittleFleet, *argv: str) -> str:
    """Return what git says on the first host."""
    done = subprocess.run(
        ["git", *argv], cwd=fleet.place("web1"), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def forget_the_remote(fleet: LittleFleet) -> None:
    """Rewrite the branch, clear up what git holds by no ref, and take the network away."""
    url = git(fleet, "remote", "get-url", "origin")
    git(fleet, "config", "ops.origin", url)
    git(fleet, "remote", "set-url", "origin", "/nowhere")
    for ref in git(fleet, "for-each-ref", "--format=%(refname)", "refs/remotes").split():
        git(fleet, "update-ref", "-d", ref)
    git(fleet, "reflog", "expire", "--expire=now", "--all")
    git(fleet, "gc", "--quiet", "--prune=now")


def remember_the_remote(fleet: LittleFleet) -> None:
    """Give the network back."""
    git(fleet, "remote", "set-url", "origin", git(fleet, "config", "ops.origin"))
