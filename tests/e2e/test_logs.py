"""The app's own logs: the right files, whole lines, harmless, followed to the end."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from sandbox import processes
from tests.e2e.park import Park
from tests.e2e.zoo import SERVE, Animal

pytestmark = pytest.mark.xdist_group("logs")

TALKS = """
for (let i = 1; i <= 300; i++) console.log('line ' + i);
console.error('\\x1b[31mred\\x1b[0m \\x07bell \\x1b]0;title\\x07 ' + process.env.CANARY);
let n = 0;
setInterval(() => console.log('tick ' + ++n), 300);
"""
CANARY = "canary-7f3a91c2d4"


@pytest.fixture(scope="module")
def park() -> Iterator[Park]:
    with Park() as made:
        stamped = {"time": True}
        made.keep(
            {"chatty": Animal(SERVE + TALKS), "stamped": Animal(SERVE + TALKS, entry=stamped)}
        )
        for name in ("chatty", "stamped"):
            (made.place(name) / ".env").write_text(f"API_KEY={CANARY}\n")
        made.box.manager.pm2("restart", "all")
        time.sleep(1.5)
        yield made


def said(park: Park, *task: str) -> list[str]:
    """Return the lines that a task writes to stdout."""
    done = park.box.fab("-H", *task)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.quick
def test_the_last_lines_come_from_where_pm2_keeps_them(park: Park):
    lines = said(park, "chatty", "logs", "--lines", "5")
    out = [line for line in lines if line.startswith("out | ")]
    assert len(out) == 5
    assert all("tick" in line or "line" in line for line in out)


def test_only_errors_and_nothing_that_a_terminal_obeys(park: Park):
    lines = said(park, "chatty", "logs", "--err")
    assert any("red bell" in line for line in lines)
    assert not any(ord(letter) < 32 for line in lines for letter in line)


def test_a_pattern_and_a_span_narrow_the_lines(park: Park):
    assert (
        said(park, "chatty", "logs", "--grep", "line 29[0-4]$")
        == [f"out | line 29{digit}" for digit in range(5)] * 2
    )
    assert said(park, "stamped", "logs", "--since", "1h", "--grep", "line 300")
    assert said(park, "stamped", "logs", "--since", "2999-01-01", "--grep", "line 300") == []


@pytest.mark.quick
def test_no_secret_of_the_app_is_in_its_logs_as_we_show_them(park: Park):
    log = park.box.manager.pm2_home / "logs" / "chatty-error.log"
    with log.open("a") as file:
        file.write(f"the key is {CANARY}\n")
    lines = said(park, "chatty", "logs", "--err", "--lines", "3")
    assert "the key is [secret]" in lines
    assert not any(CANARY in line for line in lines)


def test_an_app_that_pm2_does_not_know_has_no_logs(park: Park):
    park.box.hosts["nobody"] = {**park.box.hosts["chatty"], "app": "nobody"}
    park.box.write_inventory()
    done = park.box.fab("-H", "nobody", "logs")
    assert done.returncode == 1
    assert "PM2 knows no app named nobody" in done.stderr


def test_a_pattern_that_is_none_is_a_mistake_of_the_person_who_typed_it(park: Park):
    done = park.box.fab("-H", "chatty", "logs", "--grep", "(")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)


@pytest.mark.parametrize("hosts", ["chatty", "chatty,stamped"])
def test_logs_are_followed_whole_until_ctrl_c_which_ends_them_clean(park: Park, hosts: str):
    process = park.box.spawn("fab", "-H", hosts, "logs", "--follow", "--lines", "1")
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()))
    reader.start()
    deadline = time.monotonic() + 60
    while len(ticks_in(lines)) < 8 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left_behind(park) != []
    process.send_signal(signal.SIGINT)
    code = process.wait(timeout=30)
    reader.join()
    assert code == 0
    ticks = ticks_in(lines)
    assert len(ticks) > 5
    assert ticks == list(range(ticks[0], ticks[-1] + 1))
    if "," in hosts:
        assert {line.split()[0] for line in lines} == {"chatty", "stamped"}
    time.sleep(3)
    assert left_behind(park) == []


def ticks_in(lines: list[str]) -> list[int]:
    """Return the numbers that the chatty app printed, in the order of the lines."""
    mine = [line for line in lines if line.startswith("out | tick") or "chatty out | tick" in line]
    return [int(line.split()[-1]) for line in mine]


def left_behind(park: Park) -> list[int]:
    """Return the programs of ours that still run for this park."""
    ours = processes.with_variable("HOME", str(park.box.manager.home))
    return [pid for pid in ours if processes.mentions(pid, "timeout\0-k\x005\x0086400\0node")]
