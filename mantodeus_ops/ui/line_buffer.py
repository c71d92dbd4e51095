"""Splits output into the lines that a terminal would show."""

from __future__ import annotations

from mantodeus_ops.text.sanitize import clean

_LONGEST = 8_192  # limits the memory for a line without an end


class LineBuffer:
    """Cuts pieces of output into clean lines; a line rewritten in place is its last state."""

    def __init__(self) -> None:
        self._open = ""

    @property
    def current(self) -> str:
        """Return the line that has not ended yet, as it looks now."""
        return clean(_last_state(self._open))

    def feed(self, text: str) -> list[str]:
        """Return the lines that this piece has ended."""
        *ended, rest = (self._open + text).split("\n")
        if len(rest) > _LONGEST:
            rest = _last_state(rest) + "\r" * rest.endswith("\r")
        if len(rest) > _LONGEST:
            ended, rest = [*ended, rest], ""
        self._open = rest
        return [clean(_last_state(line)) for line in ended]

    def close(self) -> list[str]:
        """Return the last line if it never ended; the output is over."""
        current, self._open = self.current, ""
        return [current] if current else []


def _last_state(line: str) -> str:
    r"""Return what a terminal shows of a line in which \r goes back to its beginning."""
    return next((state for state in reversed(line.split("\r")) if state), "")
