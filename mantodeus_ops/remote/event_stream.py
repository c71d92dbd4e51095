"""Programs on the host that go on telling: each line of theirs is an event, heard as it comes."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Generic, TypeVar, cast

from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.redaction.redactor import secrets_of
from mantodeus_ops.remote.answers.decode import decoded, json_object
from mantodeus_ops.remote.answers.events import EventProgram, event_of
from mantodeus_ops.remote.answers.notes import heard
from mantodeus_ops.remote.answers.parse import expecting, no_answer
from mantodeus_ops.remote.answers.refusals import is_refusal
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
    """Run a program that only reads until it ends; `again` gives its parameters, anew after a drop.

    What it tells as `env`, the app's variables, is hidden from then on, and is no event.
    Raise HostError when it ends with an error, ConnectionLostError when the line stays down, and
    KeyboardInterrupt when a person has seen enough.
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
    """Cuts bytes into lines, each of which is an event; one that is too long is passed over."""

    def __init__(self, host: Host, program: EventProgram[T], hear: Callable[[T], None]) -> None:
        self._host, self._program = host, program
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._hear = hear
        self._open, self._cut = "", False
        self.refusal: JsonObject = {}

    def add(self, chunk: bytes) -> None:
        """Take the next bytes; raise KeyboardInterrupt when they are not wanted any more."""
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
        """Hear one event; raise AnswerError for what this program does not tell."""
        with expecting(self._host.name):
            event = heard(self._host, _event(self._program, line))
        self.refusal = event if is_refusal(event) else {}
        if "env" in event:
            self._host.add_secrets(secrets_of(str(event["env"])))
        elif "beat" not in event and not self.refusal:
            self._hear(cast("T", event))


def _event(program: EventProgram[T], line: str) -> JsonObject:
    event = json_object(decoded(line))
    return event if is_refusal(event) else cast("JsonObject", event_of(program, event))
