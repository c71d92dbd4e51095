"""A command under way, whose words on stderr are read as they come."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.world import Answer, World


class Watched:
    """A running `fab` or `inv`: wait for what it says, signal it, and take its answer."""

    def __init__(self, world: World, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self._world = world
        self._out = ""
        self._news = threading.Condition()
        self._threads = [threading.Thread(target=self._hear), threading.Thread(target=self._read)]
        for thread in self._threads:
            thread.start()

    def _hear(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            with self._news:
                self.said += line
                self._news.notify_all()

    def _read(self) -> None:
        assert self.process.stdout
        self._out = self.process.stdout.read()

    def until(self, text: str, *, times: int = 1, timeout: float = 60) -> None:
        """Return when it has said this so many times."""
        deadline = time.monotonic() + timeout
        with self._news:
            while self.said.count(text) < times:
                left = deadline - time.monotonic()
                assert left > 0, f"never said {text!r}\n{self.said[-3000:]}"
                assert self._threads[0].is_alive(), (
                    f"ended without {text!r}\n{self.said[-3000:]}{self._out}"
                )
                self._news.wait(min(left, 0.2))

    def in_step(self, step: str) -> None:
        """Return when this step is under way."""
        self.until(f"{step} ...\n")

    def answer(self, code: int = 0, timeout: float = 120) -> Answer:
        """Wait for its end; return what it answered, after insisting on the exit code."""
        self.process.wait(timeout)
        self._join()
        return self._world.judged(self.process.returncode, self._out, self.said, code)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self._join()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()
