"""The process on the host that holds the lock while the client is connected."""

from __future__ import annotations

import contextlib
import time
from threading import Event, Thread

from mantodeus_ops.errors import ConnectionLostError, HostError, OpsError
from mantodeus_ops.remote.answers.programs import (
    TAKE_LOCK,
    TAKE_LOCK_AGAIN,
    LockAnswer,
    Program,
)
from mantodeus_ops.remote.answers.read_answer import answer_of, no_answer
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.output import OutputBuffer
from mantodeus_ops.remote.programs import assigned_program, fence, refuse_by_prelude, shell_program
from mantodeus_ops.remote.shell import set_positional_args
from mantodeus_ops.remote.transport import ConnectionDropped, Process

_ANSWER_SECONDS = 30.0
_MOST_BEFORE = 65536
_BEAT, _BEAT_SECONDS = b"beat\n", 1.0
SILENT_SECONDS = 15  # seconds without a beat, as long as a client waits for a dead connection


class LockHolder:
    """Takes the lock, keeps it through lost connections, and releases it."""

    def __init__(
        self, host: Host, record: dict[str, str], silent_seconds: int = SILENT_SECONDS
    ) -> None:
        self._host, self._token = host, record["token"]
        self._record = {**record, "beats": host.is_remote}
        self._silent_seconds = silent_seconds
        self._process: Process | None = None
        self._over = Event()

    def take(self, *, again: bool = False) -> LockAnswer:
        """Try to take the lock; return the host's answer; raise ConnectionLostError, HostError.

        With `again`, take it only if no other run had it in the meantime.
        """
        for last in (again, True):  # `again` is called by a reconnect
            try:
                answer = self._try_take(TAKE_LOCK_AGAIN if again else TAKE_LOCK)
                break
            except ConnectionDropped:
                if last:
                    raise ConnectionLostError(
                        f"the connection to {self._host.name} was lost while taking the lock"
                    ) from None
                self._host.reconnect()
        if answer["held"]:
            self._host.fence = fence(str(self._host.app.project_dir), self._token)
        else:
            self.detach()
        return answer

    def _try_take(self, first: Program[LockAnswer]) -> LockAnswer:
        self.detach()
        self._process, mark = self._start(first)
        if self._host.is_remote:
            self._beat(self._process)
        try:
            return self._answer(self._process, mark, first)
        except TimeoutError:
            raise HostError(f"{self._host.name} did not answer for the lock") from None

    def release(self) -> None:
        """Release the lock; after a lost connection the host releases it a little later."""
        self._over.set()
        if self._process:
            with contextlib.suppress(ConnectionDropped, TimeoutError, OSError):
                self._process.send(b"release\n")
                self._process.readline(_ANSWER_SECONDS)
        self.detach()
        self._host.fence = ""

    def detach(self) -> None:
        """Forget the process; without beats it waits for a while, then releases the lock."""
        self._over.set()
        if self._process:
            with contextlib.suppress(OSError):
                self._process.close()
        self._process = None

    def _start(self, first: Program[LockAnswer]) -> tuple[Process, str]:
        """Start the program that takes the lock, which runs without the fence."""
        fence, self._host.fence = self._host.fence, ""
        try:
            return self._host.start(self._program(first), more=True)
        finally:
            self._host.fence = fence

    def _beat(self, process: Process) -> None:
        """Send beats from now on."""
        self._over = Event()
        process.send(_BEAT)
        Thread(target=_go_on_beating, args=(process, self._over), daemon=True).start()

    def _answer(self, process: Process, mark: str, first: Program[LockAnswer]) -> LockAnswer:
        banner, deadline = b"", time.monotonic() + _ANSWER_SECONDS
        while True:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise TimeoutError
            try:
                line = process.readline(remaining)
            except ConnectionDropped:
                self._refuse_unanswered(banner, process)
                raise
            if line.endswith(f"\x1e{mark}".encode()):
                return self._parse(process.readline(_ANSWER_SECONDS), first)
            banner = (banner + line + b"\n")[-_MOST_BEFORE:]

    def _refuse_unanswered(self, output: bytes, process: Process) -> None:
        name = self._host.name
        err = OutputBuffer(name)
        code = process.pump(OutputBuffer(name).add, err.add, 5).code
        refuse_by_prelude(name, code, err.text())
        raise no_answer(name, code, err.text() or output.decode(errors="replace"))

    def _parse(self, line: bytes, first: Program[LockAnswer]) -> LockAnswer:
        """Return the answer; close the process and raise for an invalid one."""
        try:
            done = (0, line.decode(errors="replace"), "")
            return answer_of(self._host, first, done)
        except OpsError:
            self.detach()
            raise

    def _program(self, first: Program[LockAnswer]) -> str:
        steps = (first.step, "orphan", "again", "release")
        values = [
            self._host.params({"step": step, "record": self._record}).decode().rstrip("\n")
            for step in steps
        ]
        patience = str(self._silent_seconds) if self._host.is_remote else ""
        arguments = (str(self._host.app.project_dir), *values, patience)
        script = assigned_program("OPS_JS_lock_command", first.name)
        return "\n".join(
            (script, set_positional_args(arguments), shell_program("transaction/hold_lock"))
        )


def _go_on_beating(process: Process, over: Event) -> None:
    """Send beats until the run is over or the connection is lost."""
    with contextlib.suppress(ConnectionDropped, OSError):
        while not over.wait(_BEAT_SECONDS):
            process.send(_BEAT)
