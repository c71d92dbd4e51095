import time
from types import SimpleNamespace

import pytest

from bench import measure as measuring
from bench.samples import BenchError

WORLD = SimpleNamespace(big=False)


@pytest.fixture
def ran(monkeypatch):
    """Let there be three groups: one that takes long, one that fails, one that does neither."""
    done = []

    def fail(*_):
        done.append("failing")
        raise BenchError("no app")

    def last(name, seconds):
        return lambda *_: (done.append(name), time.sleep(seconds))

    groups = {"long": last("long", 0.6), "failing": fail, "short": last("short", 0)}
    monkeypatch.setattr(measuring, "GROUPS", groups)
    return done


def test_a_group_that_fails_is_told_of_not_tried_again_and_takes_no_other_along(ran):
    told = []
    names = ["long", "failing", "short"]
    taken = measuring.measure(WORLD, names, 2, time.monotonic() + 60, told.append)
    assert ran == ["long", "failing", "short", "long", "short"]
    assert taken.failed == ["failing"]
    assert "failing failed: no app" in told


def test_nothing_is_begun_a_second_time_that_would_not_end_in_time(ran):
    late = time.monotonic() + 1.1
    measuring.measure(WORLD, ["short", "long"], 3, late, lambda _: None)
    assert ran == ["long", "short", "short", "short"]


def test_what_takes_longer_than_there_is_time_is_measured_once(ran):
    measuring.measure(WORLD, ["long"], 3, time.monotonic(), lambda _: None)
    assert ran == ["long"]
