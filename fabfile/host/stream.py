"""Programs on the host that go on telling: each line of theirs is an event, heard as it comes."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from typing import Any

from ..pure.errors import HostError
from ..pure.host_codes import is_refusal
from ..pure.redaction import secrets_of
from .door import Host
from .heard import heard
from .line import LineDropped
from .programs import ask_program
from .streams import Held

Event = dict[str, Any]
Hear = Callable[[Event], None]

_LONGEST_LINE = 1_000_000
_DAY = 86_400.0


def stream(
    host: Host, program: str, hear: Hear, *, again: Callable[[], Event], timeout: float = _DAY
) -> None:
    """Run a program that only reads until it ends; `again` gives its parameters, anew after a drop.

    What it tells as `env`, the app's variables, is hidden from then on, and is nobody's event.
    Raise HostError when it ends with an error, LineLostError when the line stays down, and
    KeyboardInterrupt when a person has seen enough.
    """
    while True:
        try:
            _once(host, program, hear, again(), timeout)
        except LineDropped:
            host.mend()
        else:
            return


def _once(host: Host, program: str, hear: Hear, params: Event, timeout: float) -> None:
    events, err = _Events(host, hear), Held()
    text = ask_program(program, timeout)
    code = host.pump(text, host.params(params), events.add, err.add, timeout + 10)
    if is_refusal(events.last):
        raise host.error(events.last)
    if code != 0:
        said = host.redactor.text(err.text().strip())[-300:]
        raise HostError(f"{program} on {host.name} ended with exit {code}: {said}")


class _Events:
    """Cuts bytes into lines of JSON; what is no JSON is nobody's event."""

    def __init__(self, host: Host, hear: Hear) -> None:
        self._host = host
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._hear = hear
        self._open = ""
        self.last: Event = {}

    def add(self, chunk: bytes) -> None:
        """Take the next bytes; raise KeyboardInterrupt when nobody wants them any more."""
        if self._host.stopped.is_set():
            raise KeyboardInterrupt
        *lines, self._open = (self._open + self._decoder.decode(chunk)).split("\n")
        self._open = self._open[-_LONGEST_LINE:]
        for line in lines:
            self._take(line)

    def _take(self, line: str) -> None:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(event, dict):
            self.last = event = heard(self._host, event)
            if "env" in event:
                self._host.hide(secrets_of(event["env"]))
            elif "beat" not in event and "refused" not in event:
                self._hear(event)
