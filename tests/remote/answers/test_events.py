"""Which events of a host program are taken."""

import pytest

from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.events import (
    LOGS,
    WAIT_HEALTHY,
    WATCH,
    event_of,
    step_event,
)


def test_an_event_is_held_to_its_program():
    assert event_of(LOGS, {"env": "A=1"}) == {"env": "A=1"}
    assert event_of(WATCH, {"beat": 3}) == {"beat": 3}
    for program, junk in (
        (LOGS, {"line": 5}),
        (WATCH, {"sample": {"healthy": True}}),
        (WAIT_HEALTHY, {"result": None}),
        (WAIT_HEALTHY, []),
        (LOGS, None),
    ):
        with pytest.raises(UnexpectedError):
            event_of(program, junk)


@pytest.mark.parametrize(
    "event",
    [
        {"step": "build", "status": "ok"},
        {"step": "build", "status": "ok", "seconds": 1.5},
        {"progress": "pack", "done": 1, "total": 2},
    ],
)
def test_a_job_sends_steps_and_how_far_they_are(event):
    assert step_event(event) == event


@pytest.mark.parametrize(
    "junk",
    [None, [], {}, {"step": 5, "status": "ok"}, {"progress": "pack", "done": "1", "total": 2}],
)
def test_any_other_event_of_a_job_is_refused(junk):
    with pytest.raises(UnexpectedError):
        step_event(junk)
