import threading
import time

import pytest

from mantodeus_ops.ui import ticker


@pytest.fixture
def pulse(monkeypatch):
    """Return a pulse that beats a hundred times a second."""
    monkeypatch.setattr(ticker, "EVERY", 0.01)
    return ticker.Pulse()


def ends_within(seconds, count):
    """Return whether no more threads than this are left within these seconds."""
    until = time.monotonic() + seconds
    while threading.active_count() > count and time.monotonic() < until:
        time.sleep(0.01)
    return threading.active_count() <= count


def beaten(pulse, times=3):
    """Return a call that was called so often and is called again and again."""
    enough, count = threading.Event(), []

    def call():
        count.append(1)
        if len(count) >= times:
            enough.set()

    pulse.start(call)
    assert enough.wait(20)
    return call


def test_a_call_is_repeated_until_it_is_stopped(pulse):
    before = threading.active_count()
    for _ in range(2):  # a pulse that ended begins again
        pulse.stop(beaten(pulse))
        assert ends_within(20, before)


def test_all_calls_share_one_thread(pulse):
    before = threading.active_count()
    calls = [beaten(pulse) for _ in range(4)]
    assert threading.active_count() == before + 1
    for call in calls:
        pulse.stop(call)
    assert ends_within(20, before)


def test_what_was_never_started_can_be_stopped(pulse):
    before = threading.active_count()
    pulse.stop(print)
    pulse.stop(beaten(pulse))
    assert ends_within(20, before)
