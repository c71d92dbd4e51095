"""What the output of a finished program is: its answer, its refusal, or an error."""

import pytest

from mantodeus_ops.errors import AnswerError, HostError
from mantodeus_ops.remote.answers.decode import UnexpectedError, json_object
from mantodeus_ops.remote.answers.programs import Program
from mantodeus_ops.remote.answers.read_answer import answer_errors, answer_of, no_answer
from tests.support.fake_host import host_at

ASKED = Program("app/facts", json_object)


def test_an_answer_is_the_last_line_without_the_notes_beside_it(tmp_path):
    host = host_at(tmp_path)
    said = 'a banner\n{"a": 1, "secrets": ["canary-1"], "unreadable": ["x is closed"]}\n'
    assert answer_of(host, ASKED, (0, said, "")) == {"a": 1}
    assert host.events.notes == ["warning: x is closed"]
    assert "canary-1" not in host.redactor.text("it is canary-1")


def test_a_refusal_is_raised_whatever_the_exit_code(tmp_path):
    said = '{"code": "disk-error", "facts": {"what": "sda"}, "refused": true}\n'
    for code in (0, 1, 93):
        with pytest.raises(HostError, match=r"^the disk has an error: sda$"):
            answer_of(host_at(tmp_path), ASKED, (code, said, ""))


@pytest.mark.parametrize("out", ["no json", "[1]", "5"])
def test_an_output_that_is_no_object_is_no_answer_of_a_program_that_succeeded(tmp_path, out):
    with pytest.raises(AnswerError) as wrong:
        answer_of(host_at(tmp_path), ASKED, (0, out, ""))
    assert "app/facts" in wrong.value.message


@pytest.mark.parametrize(
    ("done", "words"),
    [
        ((1, "", "boom"), "app/facts on here gave no answer (exit 1): boom"),
        ((1, "boom", ""), "app/facts on here gave no answer (exit 1): boom"),
        ((0, "", ""), "app/facts on here gave no answer (exit 0)"),
    ],
)
def test_a_program_without_an_answer_is_told_with_what_it_said(tmp_path, done, words):
    with pytest.raises(HostError) as none:
        answer_of(host_at(tmp_path), ASKED, done)
    assert none.value.message == words


def test_a_limit_of_the_account_is_named_as_the_cause():
    found = no_answer("a program", 1, "fork: retry: Resource temporarily unavailable")
    assert found.message.startswith("a program did not run: ")
    assert found.hint


def test_an_unexpected_part_is_an_error_of_that_host():
    with pytest.raises(AnswerError, match="web1"), answer_errors("web1"):
        raise UnexpectedError("is not text")
