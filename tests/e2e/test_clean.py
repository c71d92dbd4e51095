"""A full disk: what would free how much is shown, and cleared; nothing live, no good backup."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.world import World

MEGABYTES = 3_000_000


def fill(world: World) -> dict[str, Path]:
    """Leave behind what fills a disk; return it by name."""
    logs = world.machine.pm2_home / "logs"
    made = {
        "log": logs / "manager-out.log",
        "rotated": logs / "manager-out__2025-01-01.log",
        "staging": world.project / ".deploy" / "staging" / "junk",
        "partial": world.project / "backups" / ".backup-20250101-000000.partial" / "archive",
    }
    for path in made.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write("an old line\n" * (MEGABYTES // 12))
    return made


def test_what_fills_the_disk_is_shown_then_cleared_and_all_that_counts_stays(by_ssh: World):
    by_ssh.machine.take_npm_cache()
    by_ssh.release()
    by_ssh.run("deploy")
    made, before = fill(by_ssh), by_ssh.machine.health()["pid"]
    shown = by_ssh.run("monitor.clean").row
    assert shown["status"] == "unchanged"
    assert all(path.stat().st_size >= MEGABYTES for path in made.values())
    whats = {item["what"] for item in shown["items"]}
    assert {str(made["log"]), str(made["rotated"])} <= whats
    assert str(by_ssh.project / ".deploy" / "staging") in whats
    by_ssh.run("monitor.clean", "--dry-run", "--yes")
    assert all(path.exists() for path in made.values())
    good = newest_good(by_ssh)
    with others_writing(by_ssh.box.root / "others"):
        row = by_ssh.run("monitor.clean", "--yes").row
    assert row["freed_bytes"] > 3 * MEGABYTES
    assert made["log"].stat().st_size < 100_000
    assert not any(path.exists() for name, path in made.items() if name != "log")
    assert newest_good(by_ssh) == good
    assert by_ssh.machine.health()["pid"] == before
    by_ssh.run("backup.verify")


@contextmanager
def others_writing(file: Path) -> Iterator[None]:
    """Have somebody fill the disk meanwhile, by more than what is cleared."""
    stopped = threading.Event()

    def write() -> None:
        with file.open("wb") as filled:
            for _ in range(200):
                filled.write(b"x" * 1_000_000)
                filled.flush()
                if stopped.wait(0.02):
                    return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        stopped.set()
        writer.join()
        file.unlink()


def newest_good(world: World) -> str:
    """Return the newest backup that is known to be good."""
    listed = world.run("backup.list").row["backups"]
    return next(one["name"] for one in listed if one["verdict"] == "good")
