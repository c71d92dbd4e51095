"""Bytes on their way to text: what a login shell said first, secrets, and characters cut in two."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from mantodeus_ops.errors import AnswerError
from mantodeus_ops.redaction.redactor import Redactor
from mantodeus_ops.remote.answers.decode import MOST_BYTES, UnexpectedError, decoded
from mantodeus_ops.remote.answers.events import Progress, StepEvent, step_event
from mantodeus_ops.remote.transport import Sink
from mantodeus_ops.text.failure_reason import reason_in

_MOST_BEFORE = 65536
_LONGEST_ENDING = 16_384  # an error's first line is above its stack and its fields
_LONGEST_EVENT = 65_536


class OutputBuffer:
    """Keeps everything that a host sends, which no answer of ours makes large."""

    def __init__(self, host: str = "the host") -> None:
        self._host = host
        self._bytes = bytearray()

    def add(self, chunk: bytes) -> None:
        """Keep this chunk; raise AnswerError when there is no end to it."""
        if len(self._bytes) + len(chunk) > MOST_BYTES:
            raise too_large(self._host)
        self._bytes += chunk

    def text(self) -> str:
        """Return all of it as text; what is not UTF-8 becomes a replacement character."""
        return self._bytes.decode(errors="replace")


def too_large(host: str) -> AnswerError:
    """Return the error for a host whose answer has no end."""
    return AnswerError(host, f"it is larger than {MOST_BYTES:,} bytes")


class SkipBanner:
    """Lets through what comes after our mark: a login shell may greet or warn first."""

    def __init__(self, mark: str, sink: Sink, host: str = "the host") -> None:
        self._mark = f"\x1e{mark}\n".encode()
        self._sink, self._host = sink, host
        self._waiting, self._passed = b"", 0
        self.found = False
        self.head = ""

    @property
    def before(self) -> str:
        """Return what came while our mark did not."""
        return self._waiting.decode(errors="replace")

    def add(self, chunk: bytes) -> None:
        """Pass the chunk on once the mark has been seen; raise AnswerError for an endless wait."""
        if not self.found:
            self._passed += len(chunk)
            if self._passed > MOST_BYTES:
                raise too_large(self._host)
            self._waiting += chunk
            _, mark, chunk = self._waiting.partition(self._mark)
            self.found = bool(mark)
            self._waiting = b"" if mark else self._waiting[-_MOST_BEFORE:]
        if self.found and chunk:
            self.head += chunk.decode(errors="replace") if len(self.head) < 400 else ""  # noqa: PLR2004 - enough for our own words
            self._sink(chunk)


class JobLogReader:
    """A job's log as it comes: counted in bytes, read as text, its marked lines become events."""

    def __init__(
        self,
        redactor: Redactor,
        tell: Callable[[str], None],
        event: Callable[[Progress | StepEvent], None],
    ) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._stream = redactor.stream()
        self._tell, self._event = tell, event
        self._open = ""
        self._ending = ""
        self.count = 0

    @property
    def last(self) -> str:
        """Return why the step failed, out of what it printed last."""
        return reason_in(self._ending)

    def add(self, chunk: bytes) -> None:
        """Take the next bytes of the log."""
        self.count += len(chunk)
        self._take(self._decoder.decode(chunk))

    def end(self) -> None:
        """Give out what is still held back."""
        self._take(self._decoder.decode(b"", final=True), last=True)
        self._pass(self._stream.flush())

    def _take(self, text: str, *, last: bool = False) -> None:
        plain, *marked = (self._open + text).split("\x1e")
        self._open = ""
        if marked and not last and "\n" not in marked[-1] and len(marked[-1]) < _LONGEST_EVENT:
            self._open = "\x1e" + marked.pop()
        self._say(plain)
        for one in marked:
            event, newline, after = one.partition("\n")
            if not newline and last:
                return  # torn by a crash
            self._announce(event, newline)
            self._say(after)

    def _say(self, text: str) -> None:
        if text:
            self._pass(self._stream.feed(text))

    def _pass(self, told: str) -> None:
        if told:
            self._ending = (self._ending + told)[-_LONGEST_ENDING:]
            self._tell(told)

    def _announce(self, marked: str, newline: str) -> None:
        try:
            event = step_event(decoded(marked))
        except UnexpectedError:
            self._say(marked + newline)
        else:
            self._event(event)
