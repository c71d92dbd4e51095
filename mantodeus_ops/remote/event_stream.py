"""Runs host programs that print a JSON event per line; restarts them after a lost connection."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.redaction.redactor import secrets_of
from mantodeus_ops.remote.answers.decode import decode_json, json_object
from mantodeus_ops.remote.answers.events import EventProgram, event_of
from mantodeus_ops.remote.answers.read_answer import answer_errors, no_answer
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.remote.answers.secrets_and_warnings import read_notes
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.output import OutputBuffer
from mantodeus_ops.remote.programs import ask_program
from mantodeus_ops.remote.transport import ConnectionDropped

T = TypeVar("T")

_LONGEST_LINE = 1_000_000
_DAY = 86_400.0


def stream(
    host: Host,
    program: EventProgram[T],
    hear: Callable[[T], None],
    *,
    again: Callable[[], JsonObject],
    timeout: float = _DAY,
) -> None:
    """Run a read-only program until it ends; `again` returns its parameters after each start.

    An `env` event holds the app's variables; they are redacted from then on. Raise HostError when
    the program fails, ConnectionLostError when reconnecting fails, and KeyboardInterrupt when the
    operator ends it.
    """
    while True:
        try:
            _once(host, program, hear, again(), timeout)
        except ConnectionDropped:
            host.reconnect()
        else:
            return


def _once(
    host: Host,
    program: EventProgram[T],
    hear: Callable[[T], None],
    params: JsonObject,
    timeout: float,
) -> None:
    events, err = _Events(host, program, hear), OutputBuffer(host.name)
    text = ask_program(program.name, timeout)
    code = host.stream(text, host.params(params), events.add, err.add, timeout + 10)
    if events.refusal:
        raise host.error(events.refusal)
    if code != 0:
        raise no_answer(f"{program.name} on {host.name}", code, err.text())


class _Events(Generic[T]):
    """Splits bytes into lines and decodes events; skips lines that are too long."""

    def __init__(self, host: Host, program: EventProgram[T], hear: Callable[[T], None]) -> None:
        self._host, self._program = host, program
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._hear = hear
        self._open, self._cut = "", False
        self.refusal: JsonObject = {}

    def add(self, chunk: bytes) -> None:
        """Read the next bytes; raise KeyboardInterrupt when the operator ended the run."""
        if self._host.stopped.is_set():
            raise KeyboardInterrupt
        *lines, self._open = (self._open + self._decoder.decode(chunk)).split("\n")
        for line in lines:
            if not self._cut:
                self._take(line)
            self._cut = False
        if len(self._open) > _LONGEST_LINE:
            self._open, self._cut = "", True

    def _take(self, line: str) -> None:
        """Handle one event; raise AnswerError for an invalid one."""
        with answer_errors(self._host.name):
            event = read_notes(self._host, _event(self._program, line))
        self.refusal = event if is_refusal(event) else {}
        if "env" in event:
            self._host.add_secrets(secrets_of(str(event["env"])))
        elif "beat" not in event and not self.refusal:
            self._hear(cast("T", event))


def _event(program: EventProgram[T], line: str) -> JsonObject:
    event = json_object(decode_json(line))
    return event if is_refusal(event) else cast("JsonObject", event_of(program, event))
