"""Many hosts at once: what is held is bounded, the slow hold up nobody, cost grows evenly."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mantodeus_ops.fleet.thread_pool import MOST, run_concurrently
from tests.support.many_hosts import Crowd

CHECKOUT = Path(__file__).resolve().parents[2]
KEPT = 50  # lines that stay open for the next task


def test_slow_hosts_and_dead_ones_hold_up_none_of_two_hundred(capsys):
    slow = [f"web{number}" for number in range(0, 120, 4)]
    dead = [f"web{number}" for number in range(21, 121, 20)]
    crowd = Crowd(200, slow=slow, dead=dead)
    code = crowd.run(json=True)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (code, [row["host"] for row in rows]) == (3, crowd.names)
    assert [row["host"] for row in rows if not row["ok"]] == dead
    assert [row["error"] for row in rows if not row["ok"]] == [f"no line to {one}" for one in dead]
    assert not set(crowd.ended[: -len(slow)]) & set(slow)
    assert not [row for row in rows if "secret-" in row.get("first", "")]


def test_threads_and_descriptors_are_bounded_however_many_hosts_are_slow(capsys, monkeypatch):
    monkeypatch.setattr(
        "mantodeus_ops.fleet.thread_pool.SLOW_AFTER", 0.02
    )  # so that the limit is soon reached
    crowd = Crowd(250)
    crowd.slow, crowd.seconds = set(crowd.names), 0.5
    crowd.look_around()
    threads, descriptors = crowd.threads, crowd.descriptors
    assert crowd.run(json=True) == 0
    assert len(capsys.readouterr().out.splitlines()) == 250
    assert 25 < crowd.threads - threads <= MOST + 1
    assert crowd.descriptors - descriptors <= 2 * (MOST + KEPT) + 1
    crowd.close()
    crowd.descriptors = 0
    crowd.look_around()
    assert crowd.descriptors <= descriptors + 1


def test_what_fails_in_one_of_them_is_raised_when_all_have_ended():
    ended = []

    def work(item):
        if item == 1:
            raise ValueError(item)
        time.sleep(0.05)
        ended.append(item)

    with pytest.raises(ValueError, match="1"):
        run_concurrently(range(4), work, stop=list, close=list)
    assert sorted(ended) == [0, 2, 3]


def test_after_ctrl_c_nobody_begins_any_more_and_those_at_work_are_asked_to_end():
    over = threading.Event()

    def work(item):
        if item == 5:
            os.kill(os.getpid(), signal.SIGINT)
        over.wait(10)
        return item

    # Whoever runs this test may have ignored the signal, as a parallel run does.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        found = run_concurrently(range(200), work, stop=over.set, close=list)
    finally:
        signal.signal(signal.SIGINT, before)
    assert found == list(range(len(found)))
    assert 6 <= len(found) < 200


@pytest.mark.soak
def test_time_and_memory_of_a_thousand_hosts_grow_in_a_straight_line():
    costs = {}
    for count in (500, 1000, 2000, 4000):
        argv = [sys.executable, "-m", "tests.support.many_hosts", str(count)]
        done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        costs[count] = json.loads(done.stdout)
        sys.stderr.write(done.stdout)
    for key in ("seconds", "megabytes"):
        assert costs[4000][key] <= 1.4 * 4 * costs[1000][key], costs
    assert max(cost["threads"] for cost in costs.values()) <= MOST + 2
    assert max(cost["descriptors"] for cost in costs.values()) <= 2 * (MOST + KEPT) + 20
