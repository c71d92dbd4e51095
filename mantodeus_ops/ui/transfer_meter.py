"""How far a long step is: a bar, the bytes, and how fast they go."""

from __future__ import annotations

from collections import deque

from mantodeus_ops.text.format import human_bytes, human_share

_WIDTH = 16
_WINDOW = 5.0  # seconds that a rate is taken over: calm, and soon true after a stall
_SOONEST = 1.0  # a rate over less than this is noise
_FIRST_LINE, _RAREST_LINE = 10.0, 60.0  # seconds


class TransferMeter:
    """The bytes of one step as they come; its times are of one clock that only goes on."""

    def __init__(self, began: float) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._total = 0
        self._gap = _FIRST_LINE
        self._next_line = began + _FIRST_LINE

    def hear(self, done: int, total: int, at: float) -> None:
        """Remember how far the step is at this time."""
        # A tar is longer than its files, and a part that changed is read twice.
        self._total = max(total, done) if total else 0
        self._seen.append((at, done))
        while len(self._seen) > 2 and self._seen[1][0] <= at - _WINDOW:  # noqa: PLR2004 - a rate needs two
            self._seen.popleft()

    @property
    def amount(self) -> str:
        """Return `412 MB of 678 MB`; empty while nothing is known."""
        if not self._seen:
            return ""
        done = human_bytes(self._seen[-1][1])
        return f"{done} of {human_bytes(self._total)}" if self._total else done

    @property
    def share(self) -> str:
        """Return `61 %`; empty when the total is unknown."""
        return human_share(self._seen[-1][1], self._total) if self._seen and self._total else ""

    def rate(self, now: float) -> str:
        """Return `210 MB/s`; empty while it is too early to tell, and when all is done."""
        samples = tuple(self._seen)  # a copy, as the refreshing thread reads while more comes in
        if not samples or samples[-1][1] == self._total or now - samples[0][0] < _SOONEST:
            return ""
        return f"{human_bytes((samples[-1][1] - samples[0][1]) / (now - samples[0][0]))}/s"

    def bar(self) -> tuple[str, str]:
        """Return the full and the empty part of a bar; both are empty without a total."""
        if not self._seen or not self._total:
            return "", ""
        halves = 2 * _WIDTH * self._seen[-1][1] // self._total
        full = "━" * (halves // 2) + "╸" * (halves % 2)
        return full, "─" * (_WIDTH - len(full))

    def line_is_due(self, at: float) -> bool:
        """Return whether to tell of a step that lasts: ever more rarely, as it goes on."""
        if at < self._next_line:
            return False
        self._gap = min(2 * self._gap, _RAREST_LINE)
        self._next_line = at + self._gap
        return True
