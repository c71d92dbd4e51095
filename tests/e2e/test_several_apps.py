"""A web server, a worker and a job of every night are one version: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.little_fleet import APP
from tests.e2e.several_apps import BESIDE, DIES, NIGHTLY, STAYS, WEB, SeveralApps

pytestmark = pytest.mark.xdist_group("several")


@pytest.fixture(scope="module")
def host() -> Iterator[SeveralApps]:
    """Yield a host that runs the first version of three apps."""
    with Sandbox() as box:
        host = SeveralApps(box)
        host.version("v1")
        host.run("deploy.setup")
        yield host
        host.world.end()


@pytest.fixture
def apps(host: SeveralApps, request: pytest.FixtureRequest) -> SeveralApps:
    """Return a host that runs a separate version, named as the test."""
    host.version(request.node.name)
    host.run("deploy")
    return host


def statuses(host: SeveralApps) -> dict[str, str]:
    """Return how each app is, as `status` tells it."""
    return {app["name"]: app["status"] for app in host.run("status").row["apps"]}


def test_every_app_of_the_file_is_started_and_updated(apps: SeveralApps):
    before = apps.pids()
    apps.version("v2")
    apps.run("deploy")
    assert apps.runs("v2")
    now = apps.pids()
    assert now["web1"] != before["web1"]
    assert now["worker"] != before["worker"]
    row = apps.run("status").row
    assert [app["name"] for app in row["apps"]] == ["web1", "worker", "nightly"]
    assert set(row["apps"][0]) == {"name", "status", "pid", "restarts", "memory", "mode"}
    assert statuses(apps) == {"web1": "online", "worker": "online", "nightly": "stopped"}
    assert row["apps"][1]["pid"] == now["worker"]
    assert "worker online, nightly stopped" in str(apps.run("check").row["lines"])
    assert apps.run("check", "--after").row["failed"] == 0


def test_a_job_that_waits_for_its_time_is_not_run_by_a_deploy(apps: SeveralApps):
    (apps.seen / "nightly").unlink()
    apps.version("v2")
    apps.run("deploy")
    assert not (apps.seen / "nightly").exists()


def test_a_worker_that_dies_takes_the_whole_deploy_back(apps: SeveralApps):
    before = apps.page()
    apps.version("broken", worker=DIES)
    error = apps.run("deploy", code=5).error
    assert "worker" in error
    assert "the queue is not there" in error
    assert apps.runs(before)


def test_a_rollback_and_its_undo_take_all_apps(apps: SeveralApps):
    before = apps.page()
    apps.version("v2")
    apps.run("deploy")
    apps.run("rollback")
    assert apps.runs(before)
    apps.run("rollback", "--undo")
    assert apps.runs("v2")


def test_an_archive_brings_back_an_app_that_left_long_ago(apps: SeveralApps):
    before = apps.page()
    apps.version("alone", (WEB,))
    backup = apps.run("deploy").row["backup"]
    apps.version("alone again", (WEB,))
    apps.run("deploy")
    apps.run("rollback", "--backup", backup)
    assert apps.runs(before)
    assert set(apps.under_pm2()) == {"web1", "worker", "nightly"}


def test_a_restart_and_a_change_of_env_start_all_apps(apps: SeveralApps):
    before, first = apps.page(), apps.pids()
    apps.run("restart")
    second = apps.pids()
    done = apps.box.fab("-H", "web1", "env.set", "NUMBER", "--restart", stdin="1")
    assert done.returncode == 0, done.stderr
    third = apps.pids()
    for name in ("web1", "worker"):
        assert len({first[name], second[name], third[name]}) == 3
    assert apps.runs(before)


def test_an_app_that_leaves_the_file_is_deleted_and_comes_back_with_it(apps: SeveralApps):
    before = apps.page()
    apps.box.manager.pm2("start", "sleep", "--name", "stranger", "--", "600")
    stranger = apps.pids()["stranger"]
    apps.version("alone", (WEB,))
    apps.run("deploy")
    assert set(apps.under_pm2()) == {"web1", "stranger"}
    apps.run("rollback")
    assert apps.runs(before)
    apps.version("broken", (WEB, {**BESIDE, "name": "other"}, NIGHTLY), worker=DIES)
    apps.run("deploy", code=5)
    assert apps.runs(before)
    assert apps.pids()["stranger"] == stranger
    assert set(apps.under_pm2()) == {"web1", "worker", "nightly", "stranger"}
    apps.box.manager.pm2("delete", "stranger")


def test_a_stopped_worker_is_seen_and_started(apps: SeveralApps):
    before = apps.page()
    apps.box.manager.pm2("stop", "worker")
    row = apps.run("status", code=7).row
    assert (row["status"], row["pm2_status"]) == ("degraded", "online")
    assert "worker" in row["error"]
    assert "restart" in row["hint"]
    assert "worker" in apps.run("health", code=7).row["error"]
    assert "worker" in str(apps.run("monitor.watch", "--minutes", "0.05", code=7).row)
    apps.run("restart")
    assert apps.runs(before)


def test_stop_ends_all_and_start_begins_all(apps: SeveralApps):
    before = apps.page()
    apps.run("deploy.stop")
    assert {app["pm2_env"]["status"] for app in apps.under_pm2().values()} == {"stopped"}
    apps.run("deploy.start")
    assert apps.runs(before)


def test_the_logs_of_one_app_can_be_read_alone(apps: SeveralApps):
    apps.version("talks", worker="console.log('the worker speaks');" + "setInterval(()=>{},999);")
    apps.run("deploy")
    lines = apps.run("logs", "--app", "worker").row["lines"]
    assert {line["app"] for line in lines} == {"worker"}
    assert "the worker speaks" in str(lines)
    assert "the worker speaks" in str(apps.run("logs").row["lines"])
    assert "web1, worker" in apps.run("logs", "--app", "nobody", code=1).error


def test_workers_that_somebody_started_by_hand_are_taken_over(apps: SeveralApps):
    apps.version("alone", (WEB,))
    apps.run("deploy")
    place = apps.place("web1")
    by_hand = ("--name", "worker", "--cwd", str(place))
    apps.box.manager.pm2("start", str(place / "worker.js"), *by_hand)
    apps.version("broken", worker=DIES)
    apps.run("deploy", code=5)
    assert apps.runs("alone")
    apps.version("v2")
    apps.run("deploy")
    assert apps.runs("v2")


def test_a_name_that_pm2_runs_elsewhere_is_refused_before_anything_is_replaced(
    apps: SeveralApps,
):
    before = apps.page()
    elsewhere = apps.box.root / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "app.js").write_text("setInterval(() => {}, 1000);\n")
    place = ("--cwd", str(elsewhere), "--name", "mailer")
    apps.box.manager.pm2("start", str(elsewhere / "app.js"), *place)
    pid = apps.pids()["mailer"]
    apps.version("v2", (WEB, BESIDE, NIGHTLY, {**BESIDE, "name": "mailer"}))
    error = apps.run("deploy", code=1).error
    assert "PM2's app mailer runs in" in error
    assert str(elsewhere) in error
    assert apps.runs(before)
    assert apps.pids()["mailer"] == pid
    apps.box.manager.pm2("delete", "mailer")


def test_apps_with_a_space_in_their_name_are_apps_like_others(apps: SeveralApps):
    apps.version("spaced", (WEB, {**BESIDE, "name": "mail worker"}))
    apps.run("deploy")
    before = apps.pids()
    assert set(before) == {"web1", "mail worker"}
    apps.version("again", ({**WEB, "env": {"NEW": "1"}}, {**BESIDE, "name": "mail worker"}))
    apps.run("deploy")
    now = apps.pids()
    assert set(now) == set(before)
    assert now["mail worker"] != before["mail worker"]
    assert apps.page() == "again"


def test_apps_that_say_when_they_are_ready_are_waited_for(apps: SeveralApps):
    ready = {"wait_ready": True, "listen_timeout": 9000}
    two = {**WEB, **ready, "instances": 2, "exec_mode": "cluster"}
    said = "setTimeout(() => process.send('ready'), 700);\n"
    for version in ("ready", "again"):
        server = APP.replace("%REVISION%", version) + said
        file = (two, {**BESIDE, **ready}, NIGHTLY)
        apps.version(version, file, f"{said}{STAYS}", **{"server.js": server})
        apps.run("deploy")
        assert apps.runs(version)
    modes = {app["name"]: app["mode"] for app in apps.run("status").row["apps"]}
    assert modes == {"web1": "cluster", "worker": "fork", "nightly": "fork"}
