import pytest

from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.facts import Facts
from mantodeus_ops.remote.answers.typed import reader_of
from tests.support.host_facts import facts_of


@pytest.mark.parametrize(
    ("journal", "known"),
    [
        ({}, {"task": "run", "who": "an unknown account", "step": "an unknown step"}),
        ({"task": "deploy"}, {"task": "deploy", "who": "an unknown account"}),
        ({"who": "kim", "step": "swap"}, {"task": "run", "who": "kim", "step": "swap"}),
    ],
)
def test_a_run_that_was_cut_off_is_known_as_far_as_its_journal_is(journal, known):
    open_run = reader_of(Facts)(facts_of(open_run=journal))["open_run"]
    assert {key: open_run[key] for key in known} == known


def test_a_journal_of_other_types_is_no_answer():
    for journal in ([], "x", {"task": 5}, {"step": None}):
        with pytest.raises(UnexpectedError, match=r"^open_run"):
            reader_of(Facts)(facts_of(open_run=journal))
