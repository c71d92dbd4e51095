"""Reports the steps of a run and records them for its result."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from mantodeus_ops.errors import OpsError, StepFailedError
from mantodeus_ops.events import Step
from mantodeus_ops.remote.answers.deploy import StepRecord
from mantodeus_ops.remote.answers.refusals import is_refusal
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import Job, JobResult
from mantodeus_ops.text.suggest import clauses, sentences

T = TypeVar("T")


@dataclass(slots=True)
class Steps:
    """The steps that a run has done so far."""

    host: Host
    done: list[StepRecord] = field(default_factory=list)

    def run(self, job: Job[T], *, status: str = "ok", quiet: bool = False) -> JobResult[T]:
        """Follow the job to its end as one step; raise StepFailedError when it fails."""
        with self.step(job.step, status=status, quiet=quiet):
            ended = job.follow()
            if ended.code != 0:
                raise _failed(self.host, job, ended)
            return ended

    @contextmanager
    def step(self, name: str, *, status: str = "ok", quiet: bool = False) -> Iterator[None]:
        """Report the start and end of a step; a quiet one is only reported when it fails."""
        began = time.monotonic()
        self.host.events.emit(Step(name))
        try:
            yield
        except OpsError:
            self._end(name, "failed", began)
            raise
        self._end(name, status, began, recorded=not quiet)

    def mark_reused(self, *names: str) -> None:
        """Report that these steps were reused."""
        for name in names:
            self.host.events.emit(Step(name))
            self._end(name, "reused", time.monotonic())

    def _end(self, name: str, status: str, began: float, *, recorded: bool = True) -> None:
        seconds = round(time.monotonic() - began, 3)
        self.host.events.emit(Step(name, status, seconds))
        if recorded:
            self.done.append({"name": name, "status": status, "seconds": seconds})


def _failed(host: Host, job: Job[T], ended: JobResult[T]) -> StepFailedError:
    """Return the error of a job, from its refusal or its output."""
    hint = host.command_for(f"deploy.follow --job {job.id}")
    if not is_refusal(ended.result):
        return StepFailedError(_why(job, ended, ended.last), hint, ended=ended.code)
    refused = host.error(ended.result)
    message, hint = _why(job, ended, refused.message), refused.hint or hint
    return StepFailedError(message, hint, code=refused.code, ended=ended.code)


def _why(job: Job[T], ended: JobResult[T], reason_text: str) -> str:
    signals = {137: "killed: out of memory?", 124: "timed out", 143: "terminated"}
    reason = f", {signals[ended.code]}" if ended.code in signals else ""
    failed = clauses(f"{job.step} failed (exit {ended.code}{reason})", reason_text)
    return sentences(failed, "The live app is unchanged")
