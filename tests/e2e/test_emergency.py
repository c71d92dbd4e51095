"""Each emergency procedure of docs/runbook.md, read from that page, on an app that is broken so."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.world import Answer, World
from tests.support.doc_pages import commands

RUNBOOK = "docs/runbook.md"
FEATURE = """
  app.get("/feature", (request, answer) => {
    if (process.env.DATABASE_URL.includes("right")) return answer.end("works");
    console.error("connect ECONNREFUSED: no database");
    return answer.status(500).end("no database");
  });
  app.use(express.static("""


class Procedure:
    """The commands of one procedure, which must all be played, in their order."""

    def __init__(self, world: World, heading: str) -> None:
        self.world = world
        self._left = commands(RUNBOOK, heading)

    def next(self, *begins: str, code: int = 0, stdin: str = "") -> Answer:
        """Play the next command, which begins with these words."""
        door, host, name, *words = shlex.split(self._left.pop(0))
        assert (door, host, name) == ("fab", "-H", "manager")
        assert tuple(words[: len(begins)]) == begins
        return self.world.run(*words, code=code, stdin=stdin)

    def end(self, *passed: str) -> None:
        """Insist that all was played but for these tasks."""
        assert [shlex.split(line)[3] for line in self._left] == list(passed)


def by_hand(world: World, heading: str, number: int = 1, **env: str) -> str:
    """Play a block of shell commands on the host, as a login there; return what it printed."""
    script = "\n".join(["set -e", *commands(RUNBOOK, heading, number)])
    for written, real in {
        "/srv/customer/sites/manager.mantodeus.com": str(world.project),
        "mantodeus-manager": "manager",
        "http://localhost:3000/": world.machine.url,
    }.items():
        script = script.replace(written, real)
    if "YYYYMMDD-HHMMSS" in script:
        listed = world.run("backup.list").row["backups"]
        good = next(one["name"] for one in listed if one["verdict"] == "good")
        script = script.replace("backup-YYYYMMDD-HHMMSS", good)
    return subprocess.run(
        ["bash", "-c", script],
        env=world.machine.env() | env,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


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
    procedure = Procedure(by_ssh, "Application down")
    with within(2):
        row = procedure.next("status", code=7).row
        assert row["pm2_status"] == "stopped"
        assert row["hint"] == "fab -H manager restart"
        procedure.next("logs")
        procedure.next("restart")
        procedure.end("rollback", "status")
        by_ssh.run("status")


def test_application_down_that_no_restart_mends_is_rolled_back_within_two_minutes(by_ssh: World):
    by_ssh.run("backup")
    revision = by_ssh.machine.page()
    by_ssh.machine.pm2("stop", "manager")
    (by_ssh.project / "dist" / "index.js").write_text("throw new Error('spoilt on the disk')")
    procedure = Procedure(by_ssh, "Application down")
    with within(2):
        procedure.next("status", code=7)
        procedure.next("logs")
        error = procedure.next("restart", code=1).error
        assert "spoilt on the disk" in error
        assert "rollback" in error
        procedure.next("rollback")
        procedure.next("status")
    procedure.end()
    assert by_ssh.serves(revision)


def test_application_down_is_restarted_by_hand(by_ssh: World):
    by_ssh.machine.pm2("stop", "manager")
    assert by_hand(by_ssh, "Application down").rstrip().endswith("200")
    by_ssh.run("status")


def test_a_failed_deploy_is_back_within_a_minute_by_itself_and_by_hand(by_ssh: World):
    revision = by_ssh.machine.page()
    by_ssh.release(health="unhealthy-live")
    with within(1):
        error = by_ssh.run("deploy", code=5).error
        assert "told to be unhealthy" in error
    assert by_ssh.serves(revision)
    by_ssh.run("deploy", "--skip-health")
    procedure = Procedure(by_ssh, "Deployment failed")
    with within(1):
        told = procedure.next("deploy.history").row["entries"]
        assert any("told to be unhealthy" in str(entry) for entry in told)
        procedure.next("status", code=7)
        procedure.next("rollback")
    assert by_ssh.serves(revision)
    procedure.next("check", "--after")
    procedure.end()


def test_a_bad_version_is_rolled_back_without_the_tool_and_the_tool_goes_on_from_there(
    by_ssh: World,
):
    good = by_ssh.machine.page()
    by_ssh.release(health="unhealthy-live")
    by_ssh.run("deploy", "--skip-health")
    assert "backups/backup-" in by_hand(by_ssh, "Roll back by hand", 0)
    by_ssh.run("health")
    assert by_ssh.machine.page() == good
    newest = by_ssh.release()
    by_ssh.run("deploy", "--allow-dirty")
    assert by_ssh.serves(newest)


def test_a_lost_database_is_found_though_health_passes_and_fixed_within_five_minutes(
    by_ssh: World,
):
    source = (by_ssh.box.origin.work / "src" / "index.js").read_text()
    changed = source.replace("  app.use(express.static(", FEATURE)
    assert changed != source
    by_ssh.release({"src/index.js": changed})
    by_ssh.run("deploy")
    right = by_ssh.machine.secrets["DATABASE_URL"].replace("5432/manager", "5432/right")
    procedure = Procedure(by_ssh, "Database connection lost")
    with by_ssh.settings(critical_urls=[f"{by_ssh.machine.url}feature"]), within(5):
        by_ssh.run("health")
        row = by_ssh.run("check", "--after", code=7).row
        assert "critical features work" in row["error"]
        assert "/feature 500" in row["error"]
        assert "DATABASE_URL" in procedure.next("env.check", code=7).error
        procedure.next("logs")
        done = by_ssh.box.fab("-H", "manager", "logs", "--err", "--lines", "5")
        assert "no database" in done.stdout
        procedure.next("env.set", stdin=f"{right}\n")
        assert procedure.next("check", "--after").row["failed"] == 0
        procedure.end()
        by_ssh.machine.write_env()
        by_ssh.run("restart")
        by_ssh.run("check", "--after", code=7)
        by_hand(by_ssh, "Database connection lost", EDITOR="sed -i s|5432/manager|5432/right|")
        by_ssh.run("health")
        assert by_ssh.run("check", "--after").row["failed"] == 0
    by_ssh.machine.write_env()
    by_ssh.release({"src/index.js": source})
    by_ssh.run("deploy")


def noisy(world: World) -> None:
    """Fill the app's log."""
    log = world.machine.pm2_home / "logs" / "manager-out.log"
    with log.open("a") as file:
        file.write("noise\n" * 40_000_000)


def test_a_full_disk_stops_a_deploy_before_anything_and_clean_makes_it_possible(by_ssh: World):
    by_ssh.machine.take_npm_cache()
    noisy(by_ssh)
    free = int(by_ssh.run("status").row["disk_free_bytes"])
    by_ssh.release()
    procedure = Procedure(by_ssh, "Disk space full")
    with by_ssh.settings(min_free_disk=free + 50_000_000):
        assert "disk space" in by_ssh.run("check", code=7).row["error"]
        assert "monitor.clean" in by_ssh.run("deploy", code=1).row["hint"]
        assert procedure.next("monitor.clean").row["status"] == "unchanged"
        assert procedure.next("monitor.clean", "--yes").row["freed_bytes"] > 100_000_000
        procedure.next("deploy")
        procedure.end()


def test_a_full_disk_is_cleared_by_hand_and_nothing_live_is_lost(by_ssh: World):
    noisy(by_ssh)
    before = by_ssh.machine.health()["pid"]
    by_hand(by_ssh, "Disk space full")
    assert (by_ssh.machine.pm2_home / "logs" / "manager-out.log").stat().st_size < 1_000_000
    assert by_ssh.machine.health()["pid"] == before
    by_ssh.run("backup.verify")
    by_ssh.release()
    by_ssh.run("deploy")
