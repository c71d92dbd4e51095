"""The process on the host that holds the lock for as long as we are there."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from ..pure.errors import HostError, LineLostError
from ..pure.shell import assign, positional
from .door import Host
from .line import LineDropped, Process
from .programs import node_program, shell_program

_ANSWER_SECONDS = 30.0


class Keeper:
    """Takes the lock, keeps it over dropped lines, gives it back."""

    def __init__(self, host: Host, record: dict[str, Any]) -> None:
        self._host = host
        self._record = record
        self._process: Process | None = None

    def take(self) -> dict[str, Any]:
        """Try to take the lock; return what came of it; raise LineLostError, HostError."""
        self.let_go()
        try:
            self._process, mark = self._host.start(self._program(), more=True)
            answer = self._answer(self._process, mark)
        except LineDropped:
            raise LineLostError(
                f"the line to {self._host.name} dropped while taking the lock"
            ) from None
        except TimeoutError:
            raise HostError(f"{self._host.name} did not answer for the lock") from None
        if not answer.get("held"):
            self.let_go()
        if "held" not in answer:
            raise self._host.error(answer)
        return answer

    def release(self) -> None:
        """Give the lock back; a line that is down gives it back by itself, a little later."""
        if self._process:
            with contextlib.suppress(LineDropped, TimeoutError, OSError):
                self._process.send(b"release\n")
                self._process.readline(_ANSWER_SECONDS)
        self.let_go()

    def let_go(self) -> None:
        """Forget the process; without us it waits for a while, then gives the lock back."""
        if self._process:
            with contextlib.suppress(OSError):
                self._process.close()
        self._process = None

    def _answer(self, process: Process, mark: str) -> dict[str, Any]:
        said = b""
        while True:
            try:
                line = process.readline(_ANSWER_SECONDS)
            except LineDropped:
                self._host.refuse_unanswered(said, process)
                raise
            if line.endswith(f"\x1e{mark}".encode()):
                return self._parsed(process.readline(_ANSWER_SECONDS))
            said += line + b"\n"

    def _parsed(self, line: bytes) -> dict[str, Any]:
        try:
            return dict(json.loads(line))
        except (ValueError, TypeError):
            return {"error": f"{self._host.name} gave no answer for the lock: {line[:300]!r}"}

    def _program(self) -> str:
        steps = ("take", "orphan", "release")
        told = [
            self._host.params({"step": step, "record": self._record}).decode().strip()
            for step in steps
        ]
        arguments = (str(self._host.app.project_dir), *told)
        script = assign("OPS_JS_lockstep", node_program("lockstep"))
        return "\n".join((script, positional(arguments), shell_program("keeper")))
