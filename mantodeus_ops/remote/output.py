"""Turns output into text: skips login banners, redacts secrets, joins split characters."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from mantodeus_ops.errors import AnswerError
from mantodeus_ops.redaction.redactor import Redactor
from mantodeus_ops.remote.answers.decode import MOST_BYTES, UnexpectedError, decode_json
from mantodeus_ops.remote.answers.events import Progress, StepEvent, step_event
from mantodeus_ops.remote.transport import Sink
from mantodeus_ops.text.failure_reason import reason_in

_MOST_BEFORE = 65536
_LONGEST_ENDING = 16_384  # an error's first line precedes its stack and fields
_LONGEST_EVENT = 65_536


class OutputBuffer:
    """Collects the output of a program, up to a limit."""

    def __init__(self, host: str = "the host") -> None:
        self._host = host
        self._bytes = bytearray()

    def add(self, chunk: bytes) -> None:
        """Add a chunk; raise AnswerError when the output is too large."""
        if len(self._bytes) + len(chunk) > MOST_BYTES:
            raise too_large(self._host)
        self._bytes += chunk

    def text(self) -> str:
        """Return the output as text; invalid UTF-8 becomes replacement characters."""
        return self._bytes.decode(errors="replace")


def too_large(host: str) -> AnswerError:
    """Return the error for output that is too large."""
    return AnswerError(host, f"it is larger than {MOST_BYTES:,} bytes")


class SkipBanner:
    """Passes on the output after the mark; login shells may print banners before it."""

    def __init__(self, mark: str, sink: Sink, host: str = "the host") -> None:
        self._mark = f"\x1e{mark}\n".encode()
        self._sink, self._host = sink, host
        self._waiting, self._passed = b"", 0
        self.found = False
        self.head = ""

    @property
    def before(self) -> str:
        """Return the output before the mark."""
        return self._waiting.decode(errors="replace")

    def add(self, chunk: bytes) -> None:
        """Pass on the chunk after the mark; raise AnswerError when the banner is too large."""
        if not self.found:
            self._passed += len(chunk)
            if self._passed > MOST_BYTES:
                raise too_large(self._host)
            self._waiting += chunk
            _, mark, chunk = self._waiting.partition(self._mark)
            self.found = bool(mark)
            self._waiting = b"" if mark else self._waiting[-_MOST_BEFORE:]
        if self.found and chunk:
            self.head += chunk.decode(errors="replace") if len(self.head) < 400 else ""  # noqa: PLR2004 - enough for our messages
            self._sink(chunk)


class JobLogReader:
    """Reads a job's log: counts its bytes, redacts its text, and decodes marked lines as events."""

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
        """Return the reason of a failure in the last output."""
        return reason_in(self._ending)

    def add(self, chunk: bytes) -> None:
        """Read the next bytes of the log."""
        self.count += len(chunk)
        self._take(self._decoder.decode(chunk))

    def end(self) -> None:
        """Pass on the rest at the end of the log."""
        self._take(self._decoder.decode(b"", final=True), last=True)
        self._pass(self._stream.flush())

    def _take(self, text: str, *, last: bool = False) -> None:
        plain, *marked = (self._open + text).split("\x1e")
        self._open = ""
        if marked and not last and "\n" not in marked[-1] and len(marked[-1]) < _LONGEST_EVENT:
            self._open = "\x1e" + marked.pop()
        self._say(plain)
        for part in marked:
            event, newline, after = part.partition("\n")
            if not newline and last:
                return  # cut off by a crash
            self._announce(event, newline)
            self._say(after)

    def _say(self, text: str) -> None:
        if text:
            self._pass(self._stream.feed(text))

    def _pass(self, text: str) -> None:
        if text:
            self._ending = (self._ending + text)[-_LONGEST_ENDING:]
            self._tell(text)

    def _announce(self, marked: str, newline: str) -> None:
        try:
            event = step_event(decode_json(marked))
        except UnexpectedError:
            self._say(marked + newline)
        else:
            self._event(event)
