"""Deploys waiting deliveries one revision at a time, also after crashes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple

from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.webhook.receiver.app import RequestLog
from mantodeus_ops.webhook.receiver.delivery_store import DeliveryStore
from mantodeus_ops.webhook.receiver.deploy_process import DeployProcess, deploy_environment, new_run
from mantodeus_ops.webhook.scheduling import (
    Delivery,
    DeployEnd,
    choose,
    deploy_outcome,
    operator_name,
    pause_after,
)

T = TypeVar("T")
Words = TypeVarTuple("Words")

_LOOK_SECONDS = 0.1  # between two checks of the deploy process
_TICK_SECONDS = 1.0  # between two checks for changes by other processes in the store
_AN_HOUR = 3600.0
_LONGEST = 300  # characters of an outcome


class RemoteSilentError(Exception):
    """The remote did not report the branch's tip; the text has the reason."""


@dataclass(frozen=True, slots=True)
class RemoteState:
    """Sources of the branch's tip at the remote and of the rejected revisions."""

    tip: Callable[[], Awaitable[str]]  # raises RemoteSilentError
    rejected: Callable[[], Collection[str]]


class Worker:
    """Repeatedly checks waiting deliveries and deploys at most one."""

    def __init__(
        self,
        store: DeliveryStore,
        thread: Executor,
        child: DeployProcess,
        sources: RemoteState,
        log: RequestLog,
    ) -> None:
        self._store, self._thread = store, thread
        self._child, self._sources, self._log = child, sources, log
        self._awake = asyncio.Event()
        self._vain_turns = 0
        self._changes = 0
        self._swept = 0.0

    def wake(self) -> None:
        """Signal a new delivery in the store."""
        self._awake.set()

    async def run(self) -> None:
        """Work until cancelled; a running deploy continues."""
        while True:
            self._awake.clear()
            try:
                pause = await self._turn()
            except (sqlite3.Error, OSError) as error:
                pause = self._longer(f"the store or its folder: {error}")
            if pause is None:
                await self._sleep()
            else:
                await self._rest(pause)

    async def _turn(self) -> float | None:
        """Handle unfinished deliveries; return seconds until the next turn, or None."""
        rows = await self._call(self._store.unfinished)
        for row in rows:
            if row["state"] == "running":
                return await self._finish(row)
        if self._child.runs():  # a deploy that the store does not know: its file was deleted
            return _TICK_SECONDS
        if rows:
            return await self._choose(rows)
        await self._sweep()
        return None

    async def _choose(self, rows: Sequence[Delivery]) -> float:
        try:
            tip = await self._sources.tip()
        except RemoteSilentError as error:
            return await self._later(rows, f"the remote does not answer: {error}")
        choice = choose(rows, tip, self._sources.rejected(), time.time())
        await self._mark(choice.marks)
        if not choice.id:
            self._vain_turns = 0
            return pause_after(1) if choice.waits else 0
        row = next(row for row in rows if row["id"] == choice.id)
        return await self._deploy(row)

    async def _deploy(self, row: Delivery) -> float:
        run, tries = new_run(), row["tries"] + 1
        await self._mark({row["id"]: {"state": "running", "run": run, "tries": tries}})
        return await self._start({**row, "run": run, "tries": tries})

    async def _start(self, row: Delivery) -> float:
        env = deploy_environment(os.environ, OPS_OPERATOR=operator_name(row["pusher"]))
        try:
            self._child.start(row["run"], row["after"], env)
        except OSError as error:
            await self._mark({row["id"]: {"state": "waiting"}})
            return await self._later([row], f"the deploy did not start: {error.strerror}")
        self._log.tell("deploying", id=row["id"], after=row["after"], run=row["run"])
        return await self._finish(row)

    async def _finish(self, row: Delivery) -> float:
        """Wait for the deploy of this delivery, also of an earlier receiver; record its end."""
        began = time.monotonic()
        while self._child.runs():  # noqa: ASYNC110 - another process ends it, without a signal
            await asyncio.sleep(_LOOK_SECONDS)
        code, result, last = self._child.ended(row["run"])
        mark, again = deploy_outcome(row, DeployEnd(code, result, last, time.monotonic() - began))
        outcome = REDACTOR.text(str(mark["outcome"]))[:_LONGEST]
        self._vain_turns = self._vain_turns if again else 0
        pause = self._longer(outcome) if again and code is not None else 0.0
        due = time.time() + pause if pause else 0.0
        await self._mark({row["id"]: mark | {"outcome": outcome, "due": due}})
        return pause

    async def _later(self, rows: Sequence[Delivery], reason: str) -> float:
        """Record why these keep waiting; return the pause, which grows from turn to turn."""
        pause = self._longer(reason)
        due = {"outcome": REDACTOR.text(reason), "due": time.time() + pause}
        await self._mark({row["id"]: due for row in rows})
        return pause

    def _longer(self, reason: str) -> float:
        self._vain_turns += 1
        pause = pause_after(self._vain_turns)
        self._log.tell("later", reason=reason, seconds=pause)
        return pause

    async def _mark(self, marks: Mapping[str, Mapping[str, object]]) -> None:
        await self._call(self._store.mark, marks)
        for delivery_id, fields in list(marks.items())[-1:]:
            if fields.get("state", "running") != "running":
                shown = {name: fields.get(name, "") for name in ("state", "outcome", "seconds")}
                self._log.tell("settled", id=delivery_id, count=len(marks), **shown)

    async def _sleep(self) -> None:
        """Wait for a new delivery, or for a change of the store by another process."""
        while not self._awake.is_set() and not await self._is_changed():
            await self._wait(_TICK_SECONDS)

    async def _rest(self, seconds: float) -> None:
        """Wait; a new delivery ends the pause after a tick, unless the last turns failed.

        Not at once: during many pushes, each turn would read all earlier deliveries again.
        """
        until = time.monotonic() + seconds
        while (remaining := until - time.monotonic()) > 0 and not await self._is_changed():
            await asyncio.sleep(min(remaining, _TICK_SECONDS))
            if self._awake.is_set() and not self._vain_turns:
                return

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        except TimeoutError:
            return

    async def _is_changed(self) -> bool:
        before, self._changes = self._changes, await self._call(self._store.changes)
        return before != self._changes

    async def _sweep(self) -> None:
        if time.monotonic() - self._swept > _AN_HOUR:
            removed = await self._call(self._store.sweep, time.time())
            self._swept = 0.0 if removed else time.monotonic()

    async def _call(self, work: Callable[[*Words], T], *words: *Words) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *words)
