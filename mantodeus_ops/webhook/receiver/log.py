"""The receiver's log, one JSON object per line, and its counts of refused requests."""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.text.sanitize import one_line

_FIELDS = frozenset(
    {"id", "event", "ref", "after", "pusher", "reason", "code", "count", "hint", "state", "outcome"}
    | {"seconds", "run", "live", "tip", "pid", "port"}
)
_LONGEST = 300
_QUIET_SECONDS = 60.0  # between two lines about refusals with one code
_BYTES, _FILES = 5_000_000, 3
_HINTS = {415: "in GitHub's settings, the content type must be application/json"}


class PrivateFile(RotatingFileHandler):
    """A rotated log that only its owner can read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_BYTES, backupCount=_FILES, encoding="ascii", delay=True)
        self._size = 0

    def write(self, line: str) -> None:
        """Write a line, or drop it: a full disk must neither stop the receiver nor raise here."""
        try:
            if self.stream and self._size + len(line) > self.maxBytes:
                self.doRollover()
            stream = self.stream = self.stream or self._open()
            self._size += stream.write(f"{line}\n")
            stream.flush()
        except OSError:
            self._forget()

    def _forget(self) -> None:
        """Close the file and drop unwritten lines; the next line reopens it."""
        stream, self.stream = self.stream, None
        if stream:
            with contextlib.suppress(OSError):
                stream.close()

    def _open(self) -> TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        self._size = os.fstat(handle).st_size
        return os.fdopen(handle, "a", encoding="ascii")


class ReceiverLog:
    """Writes lines of known fields, sanitized and shortened; counts refused requests."""

    def __init__(self, path: Path, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._file = PrivateFile(path)
        self._counts: Counter[str] = Counter()
        self._unreported: Counter[int] = Counter()
        self._last_reported: dict[int, float] = {}

    def tell(self, entry: str, **fields: object) -> None:
        """Write a log line; an unknown field is a bug."""
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds")
        values = {name: _plain(value) for name, value in fields.items() if value not in {"", None}}
        if not _FIELDS.issuperset(values):
            raise KeyError(*(values.keys() - _FIELDS))
        self._file.write(REDACTOR.text(json.dumps({"at": at, "what": entry, **values})))

    def refused(self, code: int, why: str = "") -> None:
        """Count a refusal; log the number of each code at most once a minute."""
        self._counts[str(code)] += 1
        self._unreported[code] += 1
        now = self._clock()
        if now - self._last_reported.get(code, -_QUIET_SECONDS) < _QUIET_SECONDS:
            return
        self._last_reported[code] = now
        count = self._unreported.pop(code)
        self.tell("refused", code=code, count=count, reason=why, hint=_HINTS.get(code, ""))

    def take_counts(self) -> dict[str, int]:
        """Return the counts since the last call."""
        counts, self._counts = dict(self._counts), Counter()
        return counts


def _plain(value: object) -> object:
    """Return a text as one sanitized line, redacted before it is shortened; numbers unchanged."""
    if isinstance(value, int | float):
        return value
    text = one_line(str(value))
    return text if len(text) <= _LONGEST else REDACTOR.text(text)[:_LONGEST]
