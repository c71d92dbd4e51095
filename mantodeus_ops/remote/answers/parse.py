"""Makes an answer of what a program on a host said, or the error that it is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from mantodeus_ops.errors import AnswerError, HostError
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.limits import cause_of
from mantodeus_ops.remote.answers.notes import AnsweringHost, heard
from mantodeus_ops.remote.answers.programs import Program, last_line
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.sanitize import trimmed
from mantodeus_ops.text.suggest import clauses

T = TypeVar("T")
Done = tuple[int, str, str]


@contextmanager
def expecting(host: str) -> Iterator[None]:
    """Tell of what cannot be read as an error of this host: raise AnswerError."""
    try:
        yield
    except UnexpectedError as error:
        raise AnswerError(host, str(error)) from None


def answer_of(host: AnsweringHost, program: Program[T], done: Done) -> T:
    """Return the answer of a program that ended so; raise its refusal, AnswerError, HostError."""
    code, out, err = done
    try:
        answer = last_line(out)
    except UnexpectedError as error:
        if not code and trimmed(out):
            raise AnswerError(host.name, f"{program.label}: {error}") from None
        raise no_answer(f"{program.label} on {host.name}", code, err or out) from None
    with expecting(host.name):
        answer = heard(host, answer)
    if code or is_refusal(answer):
        raise host.error(answer)
    with expecting(host.name):
        return program.reader(answer)


def no_answer(what: str, code: int, said: str) -> HostError:
    """Return the error of a program that ended without an answer, by its cause where that shows."""
    detail, (cause, hint) = reason_in(REDACTOR.text(said)), cause_of(said)
    if cause:
        return HostError(clauses(f"{what} did not run, as {cause}", detail), hint)
    return HostError(clauses(f"{what} gave no answer (exit {code})", detail))
