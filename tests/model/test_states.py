"""Whatever happens to an app, a rollback reaches a good state: a random history against a model."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.history import History
from tests.model.little_host import SHAPES


def play(sequences: int, steps: int, *, steady: bool, shapes: tuple[str, ...]) -> None:
    """Play so many histories of apps of these shapes, the same ones each time when steady."""
    run_state_machine_as_test(
        type("Histories", (History,), {"shapes": shapes}),
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=steady,
        ),
    )


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_whatever_happens_a_rollback_reaches_a_good_state(shape: str):
    play(8, 10, steady=True, shapes=(shape,))


@pytest.mark.soak
def test_a_thousand_histories_end_well():
    play(1000, 12, steady=False, shapes=tuple(sorted(SHAPES)))
