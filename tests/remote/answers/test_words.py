import pytest

from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.words import _WORDS, decode_words
from tests.support.house import PROGRAMS, name_of

SURVEY = (
    "user\tme\t1000\t\nshell\t\t/bin/sh\t\npath\t/bin\t\t\nfound\tpath\t\nproject\tyes\tyes\t7\n"
)


def test_words_are_held_to_their_program():
    answer = decode_words("ssh/host_requirements", SURVEY)
    assert answer["project"] == [["yes", "yes", "7"]]
    assert answer["tool"] == []


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("ssh/host_requirements", ""),
        ("ssh/host_requirements", SURVEY.replace("\t7", "\t" + "7" * 5000)),
        ("ssh/host_requirements", SURVEY.replace("\tyes\tyes\t7", "\tyes")),
        ("ssh/authorized_keys show", "uid\tx\nagent\t\nsum\t\ncontent\t\n"),
        ("ssh/authorized_keys show", "uid\t1\nagent\t\nsum\t\ncontent\t*\n"),
        ("ssh/authorized_keys show", "uid\t1\nagent\t\nsum\t\ncontent\t\nplace\t9\t1\t/\n"),
        ("webhook/find_python look", "python\tyes\n"),
    ],
)
def test_words_of_another_form_are_no_answer(program, said):
    with pytest.raises(UnexpectedError):
        decode_words(program, said)


def test_words_are_expected_of_programs_that_exist():
    assert {name.partition(" ")[0] for name in _WORDS} <= {name_of(path) for path in PROGRAMS}
