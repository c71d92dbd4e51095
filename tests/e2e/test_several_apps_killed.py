"""A commit that is killed leaves the web server and the worker at one version."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.several_apps import BESIDE, NIGHTLY, STAYS, WEB, SeveralApps
from tests.e2e.watched import Watched

pytestmark = pytest.mark.xdist_group("several")
# PM2 waits for this worker: until then, the web server is new and the worker is not.
STUBBORN = "process.on('SIGINT', () => {});\n"
SLOW = {**BESIDE, "kill_timeout": 4000}


@pytest.fixture(scope="module")
def host() -> Iterator[SeveralApps]:
    """Yield a host whose worker takes its time to end."""
    with Sandbox() as box:
        host = SeveralApps(box)
        host.version("v1", (WEB, SLOW, NIGHTLY), STUBBORN + STAYS)
        host.run("deploy.setup")
        yield host
        host.world.end()


def begun(host: SeveralApps) -> Watched:
    """Begin a deploy."""
    argv = ("-H", "web1", "deploy", "--skip-backup", "--json")
    return Watched(host.world, host.box.spawn("fab", *argv))


def killed(host: SeveralApps, deploy: Watched, when: Callable[[], bool]) -> None:
    """Kill the commit on the host as soon as that is so."""
    deploy.in_step("checkout")
    deadline = time.monotonic() + 60
    while not when():
        assert time.monotonic() < deadline, deploy.said
        time.sleep(0.02)
    job = max((host.place("web1") / ".deploy/jobs").glob("*-deploy-*"))
    os.killpg(int((job / "pid").read_text().split()[0]), signal.SIGKILL)
    assert "killed" in deploy.answer(1).error


def put_right(host: SeveralApps, version: str) -> None:
    """Run the next command; everything must be of this version."""
    assert "recovered" in host.run("restart").err
    assert host.runs(version)
    assert set(host.under_pm2()) == {"web1", "worker", "nightly"}


def test_between_the_reload_of_two_apps(host: SeveralApps):
    before = host.page()
    host.version("reloaded", (WEB, SLOW, NIGHTLY), STUBBORN + STAYS)
    deploy = begun(host)
    killed(host, deploy, lambda: host.page() == "reloaded")
    put_right(host, before)


def test_after_the_old_apps_are_deleted(host: SeveralApps):
    before = host.page()
    new = tuple({**app, "env": {"NEW": "1"}} for app in (WEB, SLOW, NIGHTLY))
    host.version("started", (*new, {**BESIDE, "name": "second"}), STUBBORN + STAYS)
    deploy = begun(host)
    killed(host, deploy, lambda: "web1" not in host.under_pm2())
    put_right(host, before)


def test_while_the_health_is_asked_for(host: SeveralApps):
    before = host.page()
    two = (WEB, SLOW, NIGHTLY, {**BESIDE, "name": "second"})
    host.version("healthy", two, STUBBORN + STAYS)
    deploy = begun(host)
    killed(host, deploy, lambda: "health ...\n" in deploy.said)
    put_right(host, before)


@pytest.mark.soak
@pytest.mark.parametrize("tenths", range(0, 30, 3))
def test_at_any_moment_of_the_commit(host: SeveralApps, tenths: int):
    before = host.page()
    new = tuple({**app, "env": {"NEW": f"{tenths}"}} for app in (WEB, BESIDE, NIGHTLY))
    host.version(f"after {tenths}", new)
    deploy = begun(host)
    deploy.in_step("checkout")
    at = time.monotonic() + tenths / 10
    killed(host, deploy, lambda: time.monotonic() > at)
    put_right(host, before)
