"""Writes waiting deliveries to disk in one transaction."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor

from mantodeus_ops.webhook.receiver.delivery_store import Arrival, DeliveryStore


class BatchWriter:
    """Takes deliveries from many tasks, and resumes each when its delivery is on the disk."""

    def __init__(self, store: DeliveryStore, thread: Executor) -> None:
        self._store, self._thread = store, thread
        self._waiting: list[tuple[Arrival, asyncio.Future[str]]] = []
        self._task: asyncio.Task[None] | None = None

    async def put(self, arrival: Arrival) -> str:
        """Store an arrival; return new, again or seen; raise sqlite3.Error."""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._bring())
        return await answer

    async def _bring(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                arrivals = [arrival for arrival, _ in batch]
                done = loop.run_in_executor(self._thread, self._store.record, arrivals)
                await asyncio.wait([done])
                _settle([answer for _, answer in batch], done)
        finally:
            self._task = None


def _settle(answers: list[asyncio.Future[str]], done: asyncio.Future[list[str]]) -> None:
    """Set the result of each future, or the error of the batch."""
    error = done.exception()
    words = [""] * len(answers) if error else done.result()
    for answer, word in zip(answers, words, strict=True):
        if answer.done():
            continue
        if error:
            answer.set_exception(error)
        else:
            answer.set_result(word)
