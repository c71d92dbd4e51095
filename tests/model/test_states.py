"""Whatever happens to an app, a rollback reaches a good state: a random history against a model."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.history import History


def play(sequences: int, steps: int, *, steady: bool) -> None:
    """Play so many histories, the same ones each time when steady."""
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=steady,
        ),
    )


def test_whatever_happens_a_rollback_reaches_a_good_state():
    play(25, 10, steady=True)


@pytest.mark.soak
def test_a_thousand_histories_end_well():
    play(1000, 12, steady=False)
