"""All parts of a receiver that runs, put together, and taken apart at its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sqlite3
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from uvicorn import Server

from mantodeus_ops.inventory.settings import App
from mantodeus_ops.inventory.webhook_settings import HEALTH_PATH
from mantodeus_ops.webhook.receiver.app import Receiver
from mantodeus_ops.webhook.receiver.batch_writer import BatchWriter
from mantodeus_ops.webhook.receiver.connection import ConnectionLimit
from mantodeus_ops.webhook.receiver.delivery_store import DeliveryStore
from mantodeus_ops.webhook.receiver.deploy_process import DeployProcess
from mantodeus_ops.webhook.receiver.git_remote import read_json, tip_of
from mantodeus_ops.webhook.receiver.limits import Limits, RateAlarm, RequestRules
from mantodeus_ops.webhook.receiver.log import ReceiverLog
from mantodeus_ops.webhook.receiver.secrets import Secrets
from mantodeus_ops.webhook.receiver.uvicorn_server import ending, quiet_server, served
from mantodeus_ops.webhook.receiver.worker import RemoteSilentError, Sources, Worker
from mantodeus_ops.webhook.receiver_spec import expected_of
from mantodeus_ops.webhook.self_package import ROOT

_LOCK_SECONDS = 30  # a deploy waits so long for the lock, and is tried again later
_COUNTS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the receiver lives: the app's folder, and its own beside the app's state."""

    project: Path
    state: Path

    @property
    def home(self) -> Path:
        """Return the receiver's own folder."""
        return self.state / "webhook"


class ReceiverService:
    """All parts of a receiver that runs."""

    def __init__(
        self, app: App, place: Place, secrets: Secrets, book: ReceiverLog, command: Sequence[str]
    ) -> None:
        self._app, self._place, self._book = app, place, book
        self._secrets, self._expected = secrets, expected_of(app)
        self._spool = DeliveryStore(place.state / "webhook.db")
        self._thread = ThreadPoolExecutor(1, "spool")
        self._child = DeployProcess(place.home / "runs", command, ROOT)

    async def run(self, listener: socket.socket) -> None:
        """Serve until a signal comes; a deploy that runs then goes on by itself."""
        worker = self._worker()
        server = self._server(worker)
        end = ending(server)
        book = self._book
        book.tell("started", pid=os.getpid(), port=listener.getsockname()[1])
        tasks = [asyncio.create_task(work) for work in (worker.run(), self._count(), self._look())]
        tasks[0].add_done_callback(lambda _: end())
        try:
            await served(server, listener)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await self._note_counts()
            self._thread.shutdown()
            self._spool.close()
            book.tell("ended", pid=os.getpid())
        if isinstance(ended[0], Exception):
            raise ended[0]

    def _worker(self) -> Worker:
        rejected = self._place.state / "rejected.json"
        sources = Sources(
            tip_of(self._place.project, self._app.branch), lambda: read_json(rejected).keys()
        )
        return Worker(self._spool, self._thread, self._child, sources, self._book)

    def _server(self, worker: Worker) -> Server:
        limits, hook = Limits(), self._app.webhook
        alarm = RateAlarm(limits.bad_signatures, time.monotonic)
        rules = RequestRules(hook.path.encode(), HEALTH_PATH.encode(), limits)
        receiver = Receiver(
            inbox=BatchWriter(self._spool, self._thread),
            expected=self._expected,
            secrets=self._secrets,
            book=self._book,
            clock=time.time,
            wake=worker.wake,
            alarm=alarm,
            health_path=HEALTH_PATH,
        )
        return quiet_server(receiver, ConnectionLimit(rules, self._book.refused, alarm))

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(_COUNTS_SECONDS)
            await self._note_counts()

    async def _note_counts(self) -> None:
        counts = self._book.take_counts()
        loop = asyncio.get_running_loop()
        with contextlib.suppress(sqlite3.Error):
            await loop.run_in_executor(self._thread, self._spool.count, counts, time.time())

    async def _look(self) -> None:
        """Say when the remote went on while no receiver ran; a person decides what to do."""
        live = str(read_json(self._place.state / "live.json").get("revision", ""))
        try:
            tip = await tip_of(self._place.project, self._app.branch)()
        except RemoteSilentError as error:
            self._book.tell("remote", reason=error)
            return
        if tip != live:
            self._book.tell("behind", live=live, tip=tip, hint="deploy")


def deploy_command() -> tuple[str, ...]:
    """Return the words that a deploy is started with, but for its revision."""
    return (
        sys.executable,
        "-m",
        "mantodeus_ops",
        "deploy",
        "--json",
        "--yes",
        "--wait",
        f"{_LOCK_SECONDS}",
    )
