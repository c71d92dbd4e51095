"""Two hosts of one account and one ecosystem file: names of their own, and a way back for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.several_apps import DIES, SeveralApps

pytestmark = pytest.mark.xdist_group("several")


@pytest.fixture(scope="module")
def hosts() -> Iterator[SeveralApps]:
    """Yield two hosts with the same file, under other names in PM2."""
    with Sandbox() as box:
        hosts = SeveralApps(box, 2)
        hosts.version("v1")
        hosts.all("deploy.setup")
        yield hosts
        hosts.world.end()


def test_a_fleet_that_fails_takes_all_apps_back(hosts: SeveralApps):
    names = {f"{app}{of}" for app in ("web1", "worker", "nightly") for of in ("", "-of-web2")}
    assert set(hosts.under_pm2()) == names
    other = hosts.pids()["worker-of-web2"]
    hosts.version("v2")
    hosts.cannot_build(["web2"])
    rows = hosts.all("deploy", "--on-failure", "revert", code=1).rows
    hosts.cannot_build([])
    assert [row["status"] for row in rows] == ["reverted", "failed"]
    assert hosts.runs("v1")
    assert hosts.pages() == ["v1", "v1"]
    assert hosts.pids()["worker-of-web2"] == other
    hosts.all("deploy")
    assert hosts.runs("v2")
    assert hosts.pages() == ["v2", "v2"]
    assert hosts.pids()["worker-of-web2"] != other


def test_a_first_deploy_whose_worker_dies_leaves_nothing_that_runs():
    with Sandbox() as box:
        host = SeveralApps(box)
        host.version("broken", worker=DIES)
        assert "worker" in host.run("deploy.setup", code=1).error
        assert host.under_pm2() == {}
        host.version("v1")
        host.run("deploy")
        assert host.runs("v1")
        host.world.end()
