"""Notes beside an answer: secrets are redacted, warnings are shown, neither is in the answer."""

import pytest

from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.secrets_and_warnings import read_notes
from tests.support.fake_host import host_at

REFUSAL = {"code": "disk-error", "facts": {"what": "sda"}, "refused": True}


def test_secrets_are_redacted_and_warnings_are_shown(tmp_path):
    host = host_at(tmp_path)
    answer = {"a": 1, "secrets": ["canary-1", "canary-2"], "unreadable": ["x", "y"]}
    assert read_notes(host, answer) == {"a": 1}
    assert host.events.notes == ["warning: x", "warning: y"]
    assert "canary" not in host.redactor.text("canary-1 canary-2")


def test_an_answer_without_notes_is_returned_as_it_is(tmp_path):
    host = host_at(tmp_path)
    assert read_notes(host, {"a": [1, {"b": None}]}) == {"a": [1, {"b": None}]}
    assert host.events.notes == []


def test_a_refusal_in_a_part_becomes_its_sentence(tmp_path):
    host = host_at(tmp_path)
    found = read_notes(
        host, {"git": {"refusal": REFUSAL}, "pm2": {"reason": "", "refusal": REFUSAL}}
    )
    sentence = "the disk has an error: sda"
    assert found == {"git": {"error": sentence}, "pm2": {"reason": sentence}}


@pytest.mark.parametrize(
    "notes",
    [
        {"secrets": "canary"},
        {"secrets": [5]},
        {"unreadable": {"x": 1}},
        {"unreadable": ["x" * 100_000]},
        {"secrets": ["x" * 1_000_000] * 40},
    ],
)
def test_notes_of_another_form_are_refused(tmp_path, notes):
    with pytest.raises(UnexpectedError):
        read_notes(host_at(tmp_path), notes)
