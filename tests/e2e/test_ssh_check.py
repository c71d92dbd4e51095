"""A look through a fresh login: at a host with everything, with nothing, and with nobody there."""

from __future__ import annotations

import pytest

from tests.e2e.test_keys import fingerprint
from tests.e2e.world import World

pytestmark = pytest.mark.xdist_group("ssh")

OLD_FIELDS = {
    "connection_status",
    "connection_time_seconds",
    "project_dir_exists",
    "pm2_installed",
    "node_version",
    "npm_version",
}


def test_a_host_is_told_with_the_fields_of_old(two: World):
    row = two.run("ssh.check").row
    assert set(row) >= OLD_FIELDS
    assert (row["connection_status"], row["pm2_installed"]) == ("success", True)
    assert 0 < row["connection_time_seconds"] < 10
    assert row["node_version"].startswith("v")
    assert row["fingerprint"].endswith(fingerprint(two.machine.sshd.folder / "host_key.pub"))
    assert row["pm2_version"].count(".") == row["git_version"].count(".") == 2
    assert "/usr/bin" in row["path"]
    assert "/usr/bin" in row["path_with_login"]
    assert [one["hint"] for one in row["lacks"]] == (
        [] if row["project_dir_exists"] else ["deploy.setup"]
    )
    assert not (two.machine.pm2_home / "pm2.pid").exists()  # a look starts no daemon
    text = two.box.fab("-H", "manager", "ssh.check").stdout
    assert "connection" in text
    assert row["node_version"] in text


def test_what_a_deploy_lacks_is_told_and_is_no_failure(two: World):
    with two.settings(pm2="pm2-nowhere", project_dir="/proc/self/nothing"):
        row = two.run("ssh.check").row
    assert [one["text"] for one in row["lacks"]] == [
        "PM2 is neither on PATH nor in node_modules",
        "/proc/self/nothing cannot be made: its folder is not writable",
    ]
    assert (row["pm2_installed"], row["pm2_version"]) == (False, None)


def test_a_host_that_is_not_reached_has_the_fields_too(two: World):
    two.box.add_dead_host("dead")
    done = two.on("manager,dead", "ssh.check", code=3)
    row = done.rows[1]
    assert set(row) >= OLD_FIELDS
    assert (row["connection_status"], row["status"]) == ("failed", "unreachable")
    table = two.box.fab("-H", "manager,dead", "ssh.check")
    assert table.returncode == 3
    assert "dead" in table.stdout
    assert two.box.inv("ssh.check").returncode == 2
