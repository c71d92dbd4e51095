"""The one veil of this process: what any host has to hide is hidden in everything that leaves.

It hangs from the first host on: over log records of any library, tracebacks, and what a task
tells and reports. So a listing pays nothing for it. What passes holds no control character.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from types import TracebackType
from typing import Any

from mantodeus_ops.events import Listener
from mantodeus_ops.redaction.redactor import Redactor, scrub_urls
from mantodeus_ops.results import HostResult
from mantodeus_ops.text.sanitize import clean


class ProcessRedactor:
    """Everything that must not be seen, of all hosts together; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._hangs = False
        self.redactor = Redactor(())

    def add_secrets(self, values: Iterable[str]) -> None:
        """Keep these values, too, out of everything that leaves from now on."""
        with self._lock:
            fresh = set(values) - self._known
            if not fresh:
                return
            self.redactor.learn(fresh)
            self._known |= fresh
        self.install()

    def install(self) -> None:
        """Hang it over what Python and its libraries print by themselves; once is enough."""
        with self._lock:
            if not self._hangs:
                self._hangs = True
                _hang(self)

    def text(self, text: str) -> str:
        """Return the text without secrets and without the logins of URLs."""
        return scrub_urls(self.redactor.text(text))

    def value(self, value: Any) -> Any:
        """Return the value with every text in it veiled; names of fields are ours."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            kind = tuple if isinstance(value, tuple) else type(value)
            return kind(map(self.value, value))
        if is_dataclass(value) and not isinstance(value, type):
            told = {one.name: self.value(getattr(value, one.name)) for one in fields(value)}
            return replace(value, **told)
        return value

    def result(self, outcome: HostResult) -> HostResult:
        """Return the outcome with everything in its report veiled that is no word of ours."""
        report = outcome.report
        error, hint, data = map(self.value, (report.error, report.hint, report.data))
        return replace(outcome, report=replace(report, error=error, hint=hint, data=data))


class RedactingListener:
    """A Listener in front of another, which hears of no secret."""

    def __init__(self, listener: Listener, veil: ProcessRedactor) -> None:
        self._listener, self._veil = listener, veil

    def step_started(self, step: str) -> None:
        """Tell that a step began."""
        self._listener.step_started(self._veil.text(step))

    def step_output(self, text: str) -> None:
        """Tell what the step printed: it was veiled as one stream, which pieces cannot be."""
        self._listener.step_output(text)

    def step_progress(self, done: int, total: int) -> None:
        """Tell how far the step is."""
        self._listener.step_progress(done, total)

    def step_finished(self, step: str, status: str, seconds: float) -> None:
        """Tell how a step ended."""
        self._listener.step_finished(self._veil.text(step), self._veil.text(status), seconds)

    def note(self, text: str) -> None:
        """Tell the text."""
        self._listener.note(self._veil.text(text))

    def would(self, command: str) -> None:
        """Tell which command would be run."""
        self._listener.would(self._veil.text(command))

    def line(self, source: str, text: str) -> None:
        """Tell a line that the app wrote."""
        self._listener.line(self._veil.text(source), self._veil.text(text))

    def sample(self, host: str, seen: Mapping[str, Any]) -> None:
        """Tell how an app was seen."""
        self._listener.sample(host, self._veil.value(seen))

    def ask(self, question: str) -> str:
        """Return what a person answers."""
        return self._listener.ask(self._veil.text(question))


def _hang(veil: ProcessRedactor) -> None:
    """Put the veil before what Python and its libraries print by themselves."""
    make = logging.getLogRecordFactory()
    logging.setLogRecordFactory(lambda *given, **more: _veiled(veil, make(*given, **more)))

    def show(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        lines = traceback.format_exception(kind, error, trace)
        sys.stderr.write(clean(veil.text("".join(lines))))

    sys.excepthook = show
    threading.excepthook = lambda told: show(told.exc_type, told.exc_value, told.exc_traceback)


def _veiled(veil: ProcessRedactor, record: logging.LogRecord) -> logging.LogRecord:
    """Return the record as texts: no handler can get at anything else."""
    try:
        said = record.getMessage()
    except (TypeError, ValueError, KeyError):
        said = f"{record.msg} {record.args}"
    record.msg, record.args = clean(veil.text(said)), None
    if record.exc_info:
        trace = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        record.exc_text = clean(veil.text(trace))
        record.exc_info = None
    if record.stack_info:
        record.stack_info = clean(veil.text(record.stack_info))
    return record


REDACTOR = ProcessRedactor()
