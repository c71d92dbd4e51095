"""Detached jobs on the host: started once, and followed from the exact byte."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from mantodeus_ops.errors import ConnectionLostError, HostError, OpsError, StepFailedError
from mantodeus_ops.events import Step, StepOutput, StepProgress
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.decode import json_object
from mantodeus_ops.remote.answers.events import Progress, StepEvent
from mantodeus_ops.remote.answers.limits import cause_of
from mantodeus_ops.remote.answers.programs import FILTER_LOG, Program, result_of
from mantodeus_ops.remote.answers.read_answer import answer_errors
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.output import JobLogReader, OutputBuffer
from mantodeus_ops.remote.programs import node_program, shell_program, work_program
from mantodeus_ops.remote.shell import Command, commands_text, set_positional_args
from mantodeus_ops.remote.transport import ConnectionDropped
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.suggest import clauses

T = TypeVar("T")
_ANY = Program("", json_object)  # of a job that another command started
_PROGRAM_SECONDS = 3600  # an activation has its deadlines and must never be interrupted
_RESULT = re.compile(r"\x1e(rc|result)=([^\n]*)")
_CODE = re.compile("[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class JobResult(Generic[T]):
    """The end of a job: exit code, result, seconds watched, and the reason it printed."""

    code: int
    result: T
    seconds: float
    last: str = ""


@dataclass(slots=True)
class Job(Generic[T]):
    """A job on a host, identified by its id."""

    host: Host
    step: str
    id: str
    program: Program[T]
    lasting: bool = False
    _payload: tuple[bytes, bytes, bytes] | None = None

    def follow(self) -> JobResult[T]:
        """Show the job's log until it ends; return its result.

        Raise ConnectionLostError, OpsError.
        """
        began = time.monotonic()
        log = JobLogReader(self.host.redactor, self._output, self._event)
        while True:
            try:
                rc, result = self._watch(log)
            except ConnectionDropped:
                self.host.reconnect()
            except KeyboardInterrupt:
                self._interrupted()
            else:
                log.end()
                return JobResult(rc, result, time.monotonic() - began, log.last)

    def launch(self) -> None:
        """Start the job without waiting for it; raise ConnectionLostError.

        Starting is idempotent: it is repeated after a lost connection.
        """
        while True:
            try:
                self._pump(self._program(1, follow=False), OutputBuffer(self.host.name))
            except ConnectionDropped:
                self.host.reconnect()
            else:
                return

    def stop(self) -> None:
        """Stop the job and all processes that it started."""
        arguments = (str(self.host.app.project_dir), self.id)
        self.host.execute(f"{set_positional_args(arguments)}\n{shell_program('remote/stop_job')}")

    def _watch(self, log: JobLogReader) -> tuple[int, T]:
        err = self._pump(self._program(log.count + 1, follow=True), log)
        marks = dict(_RESULT.findall(err))
        if not _CODE.fullmatch(marks.get("rc", "")):
            raise self._lost(err, vanished="rc" in marks)
        code, result = int(marks["rc"]), marks.get("result", "")
        if code and not result:
            return code, cast("T", {})
        with answer_errors(self.host.name):
            return code, result_of(self.program, result or "{}")

    def _lost(self, err: str, *, vanished: bool) -> OpsError:
        """Return why a job has no exit code, or cannot be followed."""
        cause, hint = cause_of(err)
        if cause:
            return StepFailedError(f"{self.step} on {self.host.name} failed: {cause}", hint)
        if vanished:
            message = f"{self.step} on {self.host.name} was killed, or the host was rebooted"
            return StepFailedError(message)
        reason = reason_in(self.host.redactor.text(err))
        message = f"the job {self.id} on {self.host.name} cannot be followed"
        return HostError(clauses(message, reason))

    def _pump(self, program: tuple[str, bytes], sink: JobLogReader | OutputBuffer) -> str:
        err = OutputBuffer(self.host.name)
        self.host.stream(*program, sink.add, err.add, None)
        return err.text()

    def _program(self, first: int, *, follow: bool) -> tuple[str, bytes]:
        payload = self._payload or ()
        sizes = [str(len(part)) for part in payload]
        first_byte = str(first) if follow else "0"
        arguments = (str(self.host.app.project_dir), self.id, first_byte, *sizes)
        return f"{set_positional_args(arguments)}\n{shell_program('remote/job')}", b"".join(payload)

    def _output(self, text: str) -> None:
        self.host.events.emit(StepOutput(text))

    def _event(self, event: Progress | StepEvent) -> None:
        emit = self.host.events.emit
        if "progress" in event:
            emit(StepProgress(event["done"], event["total"]))
        else:
            emit(Step(event["step"], event["status"], float(event.get("seconds", 0.0))))

    def _interrupted(self) -> None:
        follow = self.host.command_for("deploy.follow")
        if self.lasting:
            self.host.info(f"{self.step} cannot be stopped half-way; the host completes it")
            raise OpsError(
                f"stopped watching {self.step}; it continues on {self.host.name}", follow
            ) from None
        answer = self.host.events.ask(
            f"{self.step} runs on the host. [s]top it or [l]eave it running?"
        )
        if answer.lower().startswith("l"):
            raise OpsError(
                f"{self.step} was left running on {self.host.name}; the live app is untouched",
                follow,
            ) from None
        self.stop()
        raise StepFailedError(f"{self.step} was stopped; the live app is unchanged") from None


def commands_job(
    host: Host, step: str, commands: Sequence[Command], *, aside: bool = False
) -> Job[JsonObject]:
    """Return a job that runs these commands one after the other, ending at the first that fails.

    Their output is redacted before it is stored. With `aside`, commands in the stage cannot reach
    the account's PM2.
    """
    text = commands_text(commands)
    work = f"{shell_program('deploy/isolated_pm2')}\n{text}" if aside else text
    return _job(host, step, work, FILTER_LOG, {}, lasting=False)


def program_job(
    host: Host, step: str, program: Program[T], *, lasting: bool = False, **params: object
) -> Job[T]:
    """Return a job that runs a node program; Ctrl-C does not stop a lasting one."""
    return _job(host, step, "", program, params, lasting=lasting)


def _job(
    host: Host, step: str, work: str, program: Program[T], params: JsonObject, *, lasting: bool
) -> Job[T]:
    project = str(host.app.project_dir)
    job_id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{step}-{secrets.token_hex(3)}"
    folder = f"{project}/.deploy/jobs/{job_id}"
    limit = () if lasting or work else ("timeout", "-k", "5", str(_PROGRAM_SECONDS))
    node = Command((*limit, "node", f"{folder}/main.cjs")).line()
    parameters = Command((f"{folder}/params.json",)).line()
    own = f"exec {node} 3<{parameters}"
    parts = (work, own) if work else (own,)
    text = work_program(host.app.path, Command((folder,)).line(), *parts)
    parameters_json = host.params({**params, "job": job_id})
    payload = (text.encode(), node_program(program.name).encode(), parameters_json)
    return Job(host, step, job_id, program, lasting, payload)


def known_job(host: Host, job_id: str) -> Job[JsonObject]:
    """Return a job that another command started, to follow it."""
    step = job_id.split("-")[2] if job_id.count("-") > 2 else job_id  # noqa: PLR2004 - date-time-step-token
    return Job(host, step, job_id, _ANY, lasting=True)


__all__ = ["ConnectionLostError", "Job", "JobResult", "commands_job", "known_job", "program_job"]
