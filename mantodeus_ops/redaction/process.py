"""Process-wide redactor: removes the secrets of all hosts from results, events, logs and traces.

It is installed when the first secret is known, so `--list` costs nothing. It also removes
control characters.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from types import TracebackType
from typing import TypeVar, cast

from mantodeus_ops.events import Event, Listener, StepOutput
from mantodeus_ops.redaction.redactor import Redactor, scrub_urls
from mantodeus_ops.results import HostResult
from mantodeus_ops.text.sanitize import clean

T = TypeVar("T")


class ProcessRedactor:
    """Redacts the secrets of all hosts; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._is_installed = False
        self.redactor = Redactor(())

    def add_secrets(self, values: Iterable[str]) -> None:
        """Redact these values, too, in all output from now on."""
        with self._lock:
            fresh = set(values) - self._known
            if not fresh:
                return
            self.redactor.learn(fresh)
            self._known |= fresh
        self.install()

    def install(self) -> None:
        """Redact log records and tracebacks from now on; later calls do nothing."""
        with self._lock:
            if not self._is_installed:
                self._is_installed = True
                _install_hooks(self)

    def text(self, text: str) -> str:
        """Return the text without secrets and without the logins of URLs."""
        return scrub_urls(self.redactor.text(text))

    def value(self, value: T) -> T:
        """Return the value with all texts in it redacted; field names stay."""
        return cast("T", self._redacted(value))

    def _redacted(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            kind = tuple if isinstance(value, tuple) else type(value)
            return kind(map(self.value, value))
        if is_dataclass(value) and not isinstance(value, type):
            redacted = {
                field.name: self.value(getattr(value, field.name)) for field in fields(value)
            }
            return replace(value, **redacted)
        return value

    def result(self, result: HostResult) -> HostResult:
        """Return the result with its error, hint and data redacted."""
        task = result.task_result
        error, hint = self.value(task.error), self.value(task.hint)
        data = self.value(task.data)
        return replace(result, task_result=replace(task, error=error, hint=hint, data=data))


class RedactingListener:
    """A Listener that redacts events before it passes them on."""

    def __init__(self, listener: Listener, redactor: ProcessRedactor) -> None:
        self._listener, self._redactor = listener, redactor

    def emit(self, event: Event) -> None:
        """Pass it on without secrets; output was redacted as a stream already."""
        safe: Event = event if isinstance(event, StepOutput) else self._redactor.value(event)
        self._listener.emit(safe)

    def ask(self, question: str) -> str:
        """Return the operator's answer."""
        return self._listener.ask(self._redactor.text(question))


def _install_hooks(redactor: ProcessRedactor) -> None:
    """Redact log records and uncaught exceptions from now on."""
    make = logging.getLogRecordFactory()
    logging.setLogRecordFactory(
        lambda *args, **kwargs: _redact_record(redactor, make(*args, **kwargs))
    )

    def show(
        kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        lines = traceback.format_exception(kind, error, trace)
        sys.stderr.write(clean(redactor.text("".join(lines))))

    sys.excepthook = show
    threading.excepthook = lambda thread_error: show(
        thread_error.exc_type, thread_error.exc_value, thread_error.exc_traceback
    )


def _redact_record(redactor: ProcessRedactor, record: logging.LogRecord) -> logging.LogRecord:
    """Return the record as redacted texts, without the original objects."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        message = f"{record.msg} {record.args}"
    record.msg, record.args = clean(redactor.text(message)), None
    if record.exc_info:
        trace = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        record.exc_text = clean(redactor.text(trace))
        record.exc_info = None
    if record.stack_info:
        record.stack_info = clean(redactor.text(record.stack_info))
    return record


REDACTOR = ProcessRedactor()
