"""A person at a terminal who types a line, and answers what is asked."""

from __future__ import annotations

import os
import pty
import re
import select
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

CTRL_C = "\x03"
ANSWERS = {
    r"\[y/N\] $": "y\n",
    r"Passphrase .*: $|Once more: $": "\n",
    r"(?:Value of \w+|once more): $": "a-value-that-nobody-guesses-0123456789\n",
}


class Typist:
    """Types lines in a folder, with this environment; what is asked gets one of the answers."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder, self.env = folder, {**env, "TERM": "xterm", "COLUMNS": "200"}

    def types(self, line: str, *, watches: float = 0, timeout: float = 240) -> tuple[int, str]:
        """Return exit code and screen of a line; it is ended by Ctrl-C when watched that long."""
        child, terminal = pty.fork()
        if not child:
            os.chdir(self.folder)
            os.execvpe("bash", ["bash", "-c", line], self.env)  # noqa: S606 - as a shell does
        shown, began, answered = "", time.monotonic(), 0
        while time.monotonic() - began < timeout:
            more = _read(terminal)
            if more is None:
                break
            shown += more
            if answer := _answer(shown[answered:]):
                answered = len(shown)
                os.write(terminal, answer.encode())
            if watches and time.monotonic() - began > watches:
                watches = 0
                os.write(terminal, CTRL_C.encode())
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown


def _read(terminal: int) -> str | None:
    """Return what the terminal shows within a moment; None when nobody writes to it any more."""
    if not select.select([terminal], [], [], 0.2)[0]:
        return ""
    with suppress(OSError):
        return os.read(terminal, 65536).decode(errors="replace") or None
    return None


def _answer(shown: str) -> str:
    return next((said for asked, said in ANSWERS.items() if re.search(asked, shown)), "")
