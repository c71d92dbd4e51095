"""Turns the output of a host program into its answer or an error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from mantodeus_ops.errors import AnswerError, HostError
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.limits import cause_of
from mantodeus_ops.remote.answers.programs import Program, last_line
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.remote.answers.secrets_and_warnings import AnsweringHost, read_notes
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.sanitize import trimmed
from mantodeus_ops.text.suggest import clauses

T = TypeVar("T")
Done = tuple[int, str, str]


@contextmanager
def answer_errors(host: str) -> Iterator[None]:
    """Raise AnswerError for this host instead of UnexpectedError."""
    try:
        yield
    except UnexpectedError as error:
        raise AnswerError(host, str(error)) from None


def answer_of(host: AnsweringHost, program: Program[T], done: Done) -> T:
    """Return the answer of a finished program; raise its refusal, AnswerError or HostError."""
    code, out, err = done
    try:
        answer = last_line(out)
    except UnexpectedError as error:
        if not code and trimmed(out):
            raise AnswerError(host.name, f"{program.label}: {error}") from None
        raise no_answer(f"{program.label} on {host.name}", code, err or out) from None
    with answer_errors(host.name):
        answer = read_notes(host, answer)
    if code or is_refusal(answer):
        raise host.error(answer)
    with answer_errors(host.name):
        return program.reader(answer)


def no_answer(program: str, code: int, output: str) -> HostError:
    """Return the error for a program without an answer, with the cause if it is known."""
    detail, (cause, hint) = reason_in(REDACTOR.text(output)), cause_of(output)
    if cause:
        return HostError(clauses(f"{program} did not run: {cause}", detail), hint)
    return HostError(clauses(f"{program} gave no answer (exit {code})", detail))
