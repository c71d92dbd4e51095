"""One host as tasks and operations see it: capture and query read, call changes."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable, Iterable
from threading import Event
from typing import TypeVar

from mantodeus_ops.errors import ConnectionLostError, HostError
from mantodeus_ops.events import Listener, Note, WouldRun
from mantodeus_ops.inventory.parse import App, HostSpec
from mantodeus_ops.program_name import as_called
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.redaction.redactor import Redactor
from mantodeus_ops.remote.answers.programs import Program
from mantodeus_ops.remote.answers.read_answer import answer_of
from mantodeus_ops.remote.answers.refusals import host_error, own_settings
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.output import OutputBuffer, SkipBanner
from mantodeus_ops.remote.programs import (
    Params,
    app_params,
    ask_program,
    prelude,
    refuse_by_prelude,
)
from mantodeus_ops.remote.shell import Argv, Command, command_text, frame
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.remote.transport import (
    ConnectionDropped,
    Process,
    Sink,
    Transport,
    reconnect_with_backoff,
)
from mantodeus_ops.text.failure_reason import reason_in

READ_SECONDS = 120
T = TypeVar("T")
TIMED_OUT = 124  # exit code of timeout(1)
_GRACE_SECONDS = 10  # the host enforces the time limit; the client waits a little longer


class Host:
    """One host of the inventory and its connection; the only way to run programs on it."""

    def __init__(
        self,
        spec: HostSpec,
        transport: Transport,
        options: Options,
        events: Listener,
        target: SshTarget | None = None,
    ) -> None:
        self.spec, self.target = spec, target
        self.options, self.events = options, events
        self._transport = transport
        self._on_reconnect: list[Callable[[], None]] = []
        self.fence = ""  # shell text before each program while the lock is held
        self.stopped = Event()  # set when the operator ends a task that only watches

    @property
    def name(self) -> str:
        """Return the host's name in the inventory."""
        return self.spec.name

    @property
    def is_remote(self) -> bool:
        """Return whether the connection can be lost without the host noticing."""
        return self._transport.far

    @property
    def app(self) -> App:
        """Return the settings of the app on this host."""
        return self.spec.app

    @property
    def dry_run(self) -> bool:
        """Return whether changes are printed instead of made."""
        return self.options.dry_run

    @property
    def redactor(self) -> Redactor:
        """Return the redactor of the secrets of all hosts."""
        return REDACTOR.redactor

    def command_for(self, task: str) -> str:
        """Return the command that runs this task on this host."""
        return as_called(f"inv {task}" if self.options.here else f"fab -H {self.name} {task}")

    def add_secrets(self, values: Iterable[str]) -> None:
        """Redact these values, too, in all output from now on."""
        REDACTOR.add_secrets(values)

    def redacted(self, value: T) -> T:
        """Return this JSON with its texts redacted."""
        return REDACTOR.value(value)

    def capture(self, *argv: str, timeout: float = READ_SECONDS) -> str:
        """Return the output of a read-only command in the project; raise HostError."""
        code, out, err = self._read(self._program(argv, timeout), b"", timeout + _GRACE_SECONDS)
        if code != 0:
            raise HostError(self._failed(argv, code, err))
        return out

    def query(self, program: Program[T], *, timeout: float = READ_SECONDS, **params: object) -> T:
        """Return the answer of a read-only program; run it again after a lost connection."""
        text = ask_program(program.name, timeout)
        values = self.params({"step": program.step, **params} if program.step else params)
        return answer_of(self, program, self._read(text, values, timeout + _GRACE_SECONDS))

    def call(self, program: Program[T], *, timeout: float = READ_SECONDS, **params: object) -> T:
        """Return the answer of a short program that changes something; raise HostError.

        The program must be idempotent: it is run again after a lost connection.
        """
        return self.query(program, timeout=timeout, **params)

    def params(self, params: Params) -> bytes:
        """Return a program's parameters as JSON: the app's settings, the lock, and these."""
        values = app_params(self.app) | {"holds_lock": bool(self.fence)} | params
        return json.dumps(values).encode() + b"\n"

    def preview(self, command: Command) -> None:
        """Show a command that a dry run would run."""
        self.events.emit(WouldRun(REDACTOR.text(command.line())))

    def info(self, text: str) -> None:
        """Show a note."""
        self.events.emit(Note(REDACTOR.text(text)))

    def on_reconnect(self, again: Callable[[], None]) -> None:
        """Call this function after each reconnect."""
        self._on_reconnect.append(again)

    def off_reconnect(self, again: Callable[[], None]) -> None:
        """Do not call this function after reconnects any more."""
        self._on_reconnect.remove(again)

    def start(self, program: str, data: bytes = b"", *, more: bool = False) -> tuple[Process, str]:
        """Start a program; return it and the mark that precedes its output."""
        mark = secrets.token_hex(8)
        say = f"printf '\\036%s\\n' {mark}"
        text = f"{say}\n{say} >&2\n{prelude(self.app.path)}\n{self.fence}{program}"
        return self._transport.start(frame(text, data), more=more), mark

    def execute(
        self, program: str, data: bytes = b"", timeout: float = READ_SECONDS
    ) -> tuple[int, str, str]:
        """Run a program; return exit code, stdout and stderr; raise ConnectionLostError."""
        out, err = OutputBuffer(self.name), OutputBuffer(self.name)
        try:
            code = self.stream(program, data, out.add, err.add, timeout)
        except ConnectionDropped:
            raise ConnectionLostError(
                f"the connection to {self.name} was lost during a short step"
            ) from None
        return code, out.text(), err.text()

    def stream(self, program: str, data: bytes, out: Sink, err: Sink, timeout: float | None) -> int:
        """Run a program and pass on its output; return its exit code; raise ConnectionDropped."""
        process, mark = self.start(program, data)
        own_out = SkipBanner(mark, out, self.name)
        own_err = SkipBanner(mark, err, self.name)
        try:
            code = process.pump(own_out.add, own_err.add, timeout).code
        except TimeoutError:
            raise HostError(f"{self.name} did not answer within {timeout:.0f} s") from None
        finally:
            process.close()
        self._refuse_strange(code, own_out, own_err)
        return code

    def reconnect(self) -> None:
        """Reconnect after a lost connection; raise ConnectionLostError when it takes too long."""
        self.info("the connection was lost; reconnecting")
        if reason := reconnect_with_backoff(self._transport, self.options.reconnect_seconds):
            message = f"the connection to {self.name} was lost and cannot be restored ({reason})"
            hint = self.command_for("deploy.follow")
            raise ConnectionLostError(f"{message}; the programs there keep running", hint)
        self.info("reconnected")
        for again in list(self._on_reconnect):
            again()

    def _read(self, program: str, data: bytes, timeout: float) -> tuple[int, str, str]:
        for last in (False, True):
            out, err = OutputBuffer(self.name), OutputBuffer(self.name)
            try:
                return self.stream(program, data, out.add, err.add, timeout), out.text(), err.text()
            except ConnectionDropped:
                if last:
                    raise ConnectionLostError(
                        f"the connection to {self.name} was lost repeatedly"
                    ) from None
                self.reconnect()
        raise AssertionError  # never reached

    def _program(self, argv: Argv, timeout: float) -> str:
        limit = math.ceil(timeout)
        return command_text(Command(argv, str(self.app.project_dir), timeout_seconds=limit))

    def error(self, answer: object) -> HostError:
        """Return the error for a refusal of a host program."""
        return host_error(answer, own_settings(self.spec), REDACTOR.text)

    def _failed(self, argv: Argv, code: int, err: str) -> str:
        # Redacted before it is shortened: a part of a secret would not be recognized.
        silent = "timed out" if code == TIMED_OUT else "no output"
        reason = reason_in(REDACTOR.text(err)) or silent
        return REDACTOR.text(
            f"{Command(argv).line()} failed on {self.name} (exit {code}): {reason}"
        )

    def _refuse_strange(self, code: int, out: SkipBanner, err: SkipBanner) -> None:
        refuse_by_prelude(self.name, code, err.head)
        if not out.found:
            reason = reason_in(REDACTOR.text(f"{out.before}\n{err.before}")) or f"exit {code}"
            message = f"the login shell of {self.name} did not run the command: {reason}"
            raise HostError(message, self.spec.ssh_command("bash", "-c", "true"))
