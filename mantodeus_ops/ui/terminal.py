"""What a stream can show, and writing to it without ever failing a task."""

from __future__ import annotations

import contextlib
import io
import textwrap
from collections.abc import Callable, Mapping
from threading import Lock, RLock
from typing import IO, TYPE_CHECKING, TextIO, cast

from mantodeus_ops.text.sanitize import clean, trimmed

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

TONES = {"ok": "green", "failed": "red", "skipped": "dim", "reused": "cyan"}
MARKS = {"ok": "✓", "failed": "✗", "skipped": "\N{EN DASH}", "reused": "↺"}

FRAMES_A_SECOND = 8  # of a live line that turns

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_UNLIMITED = 10_000
_ONE_WRITER = RLock()  # one may write through another


class SafeStream(io.TextIOBase):
    """A text stream for several threads: harmless, whatever the text; no loss of it raises."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override] # typeshed calls it a plain attribute
        """Return the encoding of the stream below."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write and flush what the stream can take of the text; return the text's length."""
        writable = self.passed(text).encode(self.encoding, "replace").decode(self.encoding)
        with _ONE_WRITER, contextlib.suppress(OSError, ValueError):
            self._stream.write(writable)
            self._stream.flush()
        return len(text)

    def passed(self, text: str) -> str:
        """Return what of the text may pass: nothing that a terminal obeys."""
        return clean(text)

    def isatty(self) -> bool:
        """Return whether the stream below is a terminal."""
        return is_terminal(self._stream)


class Drawn(SafeStream):
    """What a console writes to: it has cleaned every text, and its colours are its own."""

    def passed(self, text: str) -> str:
        """Return all of it."""
        return text


def is_terminal(stream: TextIO) -> bool:
    """Return whether the stream is an open terminal."""
    return not stream.closed and stream.isatty()


def has_colour(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Return whether colours are welcome on this stream."""
    return _moves(stream, env) and not env.get("NO_COLOR")


def has_live_lines(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Return whether lines may be written over on this stream."""
    return _moves(stream, env) and not env.get("CI")


def _moves(stream: TextIO, env: Mapping[str, str]) -> bool:
    return is_terminal(stream) and env.get("TERM") != "dumb"


def console(stream: TextIO, env: Mapping[str, str]) -> Console:
    """Return a rich console on the stream; what is no terminal is never wrapped."""
    from mantodeus_ops.ui.safe_console import HarmlessConsole  # noqa: PLC0415 - costs 50 ms, needed by few commands

    colour, columns = has_colour(stream, env), env.get("COLUMNS", "")
    detected = int(columns) if columns.isdecimal() and int(columns) else None
    return HarmlessConsole(
        file=cast("IO[str]", Drawn(stream)),
        color_system="standard" if colour else None,
        force_terminal=_moves(stream, env),
        width=detected if is_terminal(stream) else _UNLIMITED,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def turning(seconds: float) -> str:
    """Return the mark of what is at work, which turns as time goes on."""
    return _FRAMES[int(seconds * FRAMES_A_SECOND) % len(_FRAMES)]


class LiveScreen:
    """Redrawn many times a second from start to close; a transient one is gone then."""

    def __init__(
        self, on: Console, drawn: Callable[[], RenderableType], frames: int, *, transient: bool
    ) -> None:
        self._console, self._drawn = on, drawn
        self._frames, self._transient = frames, transient
        self._lock = Lock()
        self._live: Live | None = None

    @property
    def shown(self) -> bool:
        """Return whether it is on the terminal."""
        return self._live is not None

    def start(self) -> None:
        """Show it, unless it is shown already."""
        from rich.live import Live  # noqa: PLC0415 - costs 50 ms, needed by few commands

        with self._lock:
            if self._live:
                return
            self._live = Live(
                console=self._console,
                get_renderable=self._drawn,
                refresh_per_second=self._frames,
                transient=self._transient,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()

    def close(self) -> None:
        """Give the cursor back; safe to call at any time and twice."""
        with self._lock:
            screen, self._live = self._live, None
        if screen:
            screen.stop()


def answer(stream: SafeStream | IO[str], question: str, stdin: TextIO) -> str:
    """Return what a person types after the question; empty without a terminal, or at Ctrl-C."""
    if not is_terminal(stdin):
        return ""
    prompt = clean(question).replace("\n", " ")  # in one line, as what is below it is our answer
    SafeStream(cast("TextIO", stream)).write(f"{prompt} ")
    try:
        return trimmed(stdin.readline())
    except (KeyboardInterrupt, OSError, ValueError):  # OSError: the terminal went away
        return ""


def wrapped(text: str, width: int) -> list[str]:
    """Return the text in lines of at most this width; no word is cut, as it may be one to copy."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]
