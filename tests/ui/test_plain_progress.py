import io
import threading
import time

import pytest

from mantodeus_ops.events import Step, StepOutput, StepProgress
from mantodeus_ops.ui import plain_progress, ticker
from mantodeus_ops.ui.plain_progress import PlainProgress


def test_a_plain_log_is_told_now_and_then_how_far_a_step_is_that_lasts(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(plain_progress, "monotonic", lambda: clock[0])
    stream = io.StringIO()
    listener = PlainProgress(stream, "manager")
    listener.emit(Step("backup"))
    for clock[0] in range(40):
        listener.emit(StepProgress(int(clock[0]) * 10_000_000, 678_000_000))
    listener.emit(Step("pull"))
    for clock[0] in range(40, 52):
        listener.emit(StepProgress(int(clock[0]) * 10_000_000, 0))
    assert stream.getvalue().splitlines() == [
        "[manager] backup ...",
        "[manager] backup 14 %, 100 MB of 678 MB, 10.0 MB/s",
        "[manager] backup 44 %, 300 MB of 678 MB, 10.0 MB/s",
        "[manager] pull ...",
        "[manager] pull 490 MB, 10.0 MB/s",
    ]


@pytest.fixture
def quick_beats(monkeypatch):
    """Let the beats come fast, over a clock that the test sets; return it."""
    clock = [0.0]
    monkeypatch.setattr(plain_progress, "monotonic", lambda: clock[0])
    monkeypatch.setattr(plain_progress, "PULSE", ticker.Pulse())
    monkeypatch.setattr(ticker, "EVERY", 0.001)
    return clock


def told_within(stream, wanted):
    """Return the lines once this is the last of them."""
    deadline = time.monotonic() + 30
    while not (told := stream.getvalue()).endswith(f"{wanted}\n"):
        assert time.monotonic() < deadline, told
        time.sleep(0.001)
    return told.split("\n")


def test_a_silent_step_is_reported_now_and_then_in_a_log(quick_beats):
    stream = io.StringIO()
    listener = PlainProgress(stream, "web1")
    listener.emit(Step("install"))
    for quick_beats[0], wanted in ((10.0, "10 s"), (30.0, "30 s"), (130.0, "2 min 10 s")):
        lines = told_within(stream, f"[web1] install goes on, {wanted}")
    assert len(lines) == 5
    listener.emit(StepOutput("added 1 package\n"))
    quick_beats[0] = 139.0
    time.sleep(0.05)
    assert stream.getvalue().endswith("added 1 package\n")
    listener.emit(Step("install", "ok", 140.0))
    quick_beats[0] = 900.0
    time.sleep(0.05)
    assert stream.getvalue().endswith("[web1] install ok (2 min 20 s)\n")


def test_one_thread_beats_for_all_hosts_and_ends_with_the_last(quick_beats):
    before = set(threading.enumerate())
    listeners = [PlainProgress(io.StringIO(), f"web{at}") for at in range(20)]
    for listener in listeners:
        listener.emit(Step("build"))
    assert len(set(threading.enumerate()) - before) == 1
    for listener in listeners:
        listener.close()
    deadline = time.monotonic() + 30
    while set(threading.enumerate()) - before:
        assert time.monotonic() < deadline
        time.sleep(0.001)
    del quick_beats
