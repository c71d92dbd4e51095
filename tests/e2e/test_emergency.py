"""Each emergency procedure of the document on an app that is broken so, within its time."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.world import World

pytestmark = pytest.mark.soak

FEATURE = """
  app.get("/feature", (request, answer) => {
    if (process.env.DATABASE_URL.includes("right")) return answer.end("works");
    console.error("connect ECONNREFUSED: no database");
    return answer.status(500).end("no database");
  });
  app.use(express.static("""


@contextmanager
def within(minutes: float) -> Iterator[None]:
    """Insist on the time that the document gives."""
    began = time.monotonic()
    yield
    taken = time.monotonic() - began
    sys.stderr.write(f"{taken:.1f} s of {60 * minutes:.0f} s\n")
    assert taken < 60 * minutes


def test_application_down_is_found_and_restarted_within_two_minutes(by_ssh: World):
    by_ssh.release()
    by_ssh.run("deploy")
    by_ssh.machine.pm2("stop", "manager")
    with within(2):
        row = by_ssh.run("status", code=7).row
        assert row["pm2_status"] == "stopped"
        assert row["hint"] == "fab -H manager restart"
        by_ssh.run("logs", "--lines", "100")
        by_ssh.run("restart")
        by_ssh.run("status")


def test_application_down_that_no_restart_mends_is_rolled_back_within_two_minutes(by_ssh: World):
    by_ssh.run("backup")
    revision = by_ssh.machine.page()
    by_ssh.machine.pm2("stop", "manager")
    (by_ssh.project / "dist" / "index.js").write_text("throw new Error('spoilt on the disk')")
    with within(2):
        by_ssh.run("status", code=7)
        error = by_ssh.run("restart", code=1).error
        assert "spoilt on the disk" in error
        assert "rollback" in error
        by_ssh.run("rollback", "--yes")
        by_ssh.run("status")
    assert by_ssh.serves(revision)


def test_a_failed_deploy_is_back_within_a_minute_by_itself_and_by_hand(by_ssh: World):
    revision = by_ssh.machine.page()
    by_ssh.release(health="unhealthy-live")
    with within(1):
        error = by_ssh.run("deploy", code=5).error
        assert "told to be unhealthy" in error
    assert by_ssh.serves(revision)
    by_ssh.run("deploy", "--skip-health")
    by_ssh.run("status", code=7)
    with within(1):
        by_ssh.run("rollback", "--yes")
    assert by_ssh.serves(revision)


def test_a_lost_database_is_found_though_health_passes_and_mended_within_five_minutes(
    by_ssh: World,
):
    source = (by_ssh.box.origin.work / "src" / "index.js").read_text()
    changed = source.replace("  app.use(express.static(", FEATURE)
    assert changed != source
    by_ssh.release({"src/index.js": changed})
    by_ssh.run("deploy")
    with by_ssh.settings(critical_urls=[f"{by_ssh.machine.url}feature"]), within(5):
        by_ssh.run("health")
        row = by_ssh.run("check", "--after", code=7).row
        assert "critical features work" in row["error"]
        assert "/feature 500" in row["error"]
        done = by_ssh.box.fab("-H", "manager", "logs", "--err", "--lines", "5")
        assert "no database" in done.stdout
        env = by_ssh.project / ".env"
        env.write_text(env.read_text().replace("5432/manager", "5432/right"))
        by_ssh.run("restart")
        assert by_ssh.run("check", "--after").row["failed"] == 0
    by_ssh.machine.write_env()
    by_ssh.release({"src/index.js": source})
    by_ssh.run("deploy")


def test_a_full_disk_stops_a_deploy_before_anything_and_clean_makes_it_possible(by_ssh: World):
    log = by_ssh.machine.pm2_home / "logs" / "manager-out.log"
    with log.open("a") as file:
        file.write("noise\n" * 40_000_000)
    free = int(by_ssh.run("status").row["disk_free_bytes"])
    by_ssh.release()
    with by_ssh.settings(min_free_disk=free + 50_000_000):
        assert "disk space" in by_ssh.run("check", code=7).row["error"]
        assert "monitor.clean" in by_ssh.run("deploy", code=1).row["hint"]
        assert by_ssh.run("monitor.clean", "--yes").row["freed_bytes"] > 100_000_000
        by_ssh.run("deploy")
