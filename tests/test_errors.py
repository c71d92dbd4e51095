"""Errors: their codes, in JSON too, and the page that has every sentence."""

import re

import pytest

from mantodeus_ops.errors import OpsError, StepFailedError
from mantodeus_ops.results import HostResult, TaskResult, failure, mistake
from tests.support.error_catalogue import CLASSES, LATER, PAGE, by_code, page

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def test_a_failed_step_keeps_what_its_program_ended_with():
    failed = StepFailedError("build failed", "deploy.follow", ended=137)
    assert (failed.ended, failed.exit_code, failed.message, failed.hint) == (
        137,
        1,
        "build failed",
        "deploy.follow",
    )
    assert StepFailedError("cut off").ended == 1


def test_the_page_has_every_sentence_as_it_is():
    command = "python -m tests.support.error_catalogue writes it anew"
    assert page().split("\n\n") == PAGE.read_text().split("\n\n"), command


def test_the_page_reads_sentences_and_hints_out_of_the_code():
    found = by_code()
    assert {"step-failed", "host-key-refused", "pm2-silent"} <= found.keys()
    texts = {text for pairs in found.values() for text, _ in pairs}
    assert LATER not in texts
    assert any(LATER in text for text in texts)


@pytest.mark.parametrize("code", sorted(by_code()))
def test_a_code_is_kebab_case(code):
    assert KEBAB.fullmatch(code)


@pytest.mark.parametrize("kind", CLASSES.values(), ids=CLASSES)
def test_the_code_of_an_error_stands_in_its_row(kind):
    row = HostResult("deploy", "web", failure(_made(kind)), 1.0).data()
    assert (row["code"], row["exit_code"], row["ok"]) == (kind.code, kind.exit_code, False)


def _made(kind):
    try:
        return kind("it failed", "status")
    except TypeError:
        return kind(host="web", reason="it failed")


def test_a_code_given_to_one_error_stands_in_its_row():
    row = HostResult("deploy", "web", failure(OpsError("no", code="disk-full")), 1.0).data()
    assert row["code"] == "disk-full"


@pytest.mark.parametrize(
    ("result", "code"),
    [(TaskResult("rolled_back", exit_code=5), "rolled-back"), (mistake(ValueError()), "failed")],
)
def test_a_row_that_is_not_ok_has_a_code_without_an_error_too(result, code):
    assert HostResult("deploy", "web", result, 1.0).data()["code"] == code


def test_a_row_that_is_ok_has_no_code():
    assert "code" not in HostResult("deploy", "web", TaskResult("success"), 1.0).data()
