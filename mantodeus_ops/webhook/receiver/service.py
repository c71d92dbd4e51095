"""Starts and stops all parts of a running receiver."""

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
from mantodeus_ops.webhook.receiver.uvicorn_server import (
    end_on_signal,
    quiet_server,
    serve_until_ended,
)
from mantodeus_ops.webhook.receiver.worker import RemoteSilentError, RemoteState, Worker
from mantodeus_ops.webhook.receiver_spec import expected_of
from mantodeus_ops.webhook.self_package import ROOT

_LOCK_SECONDS = 30  # how long a deploy waits for the lock before it is tried again later
_COUNTS_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ReceiverFolder:
    """The receiver's folders: the app's, and `webhook` in its state folder."""

    project: Path
    state: Path

    @property
    def home(self) -> Path:
        """Return the receiver's own folder."""
        return self.state / "webhook"


class ReceiverService:
    """The parts of a running receiver."""

    def __init__(
        self,
        app: App,
        folder: ReceiverFolder,
        secrets: Secrets,
        log: ReceiverLog,
        command: Sequence[str],
    ) -> None:
        self._app, self._place, self._log = app, folder, log
        self._secrets, self._expected = secrets, expected_of(app)
        self._store = DeliveryStore(folder.state / "webhook.db")
        self._thread = ThreadPoolExecutor(1, "spool")
        self._child = DeployProcess(folder.home / "runs", command, ROOT)

    async def run(self, listener: socket.socket) -> None:
        """Serve until a signal arrives; a running deploy continues."""
        worker = self._worker()
        server = self._server(worker)
        end = end_on_signal(server)
        log = self._log
        log.tell("started", pid=os.getpid(), port=listener.getsockname()[1])
        tasks = [asyncio.create_task(work) for work in (worker.run(), self._count(), self._look())]
        tasks[0].add_done_callback(lambda _: end())
        try:
            await serve_until_ended(server, listener)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await self._note_counts()
            self._thread.shutdown()
            self._store.close()
            log.tell("ended", pid=os.getpid())
        if isinstance(ended[0], Exception):
            raise ended[0]

    def _worker(self) -> Worker:
        rejected = self._place.state / "rejected.json"
        sources = RemoteState(
            tip_of(self._place.project, self._app.branch), lambda: read_json(rejected).keys()
        )
        return Worker(self._store, self._thread, self._child, sources, self._log)

    def _server(self, worker: Worker) -> Server:
        limits, hook = Limits(), self._app.webhook
        alarm = RateAlarm(limits.bad_signatures, time.monotonic)
        rules = RequestRules(hook.path.encode(), HEALTH_PATH.encode(), limits)
        receiver = Receiver(
            writer=BatchWriter(self._store, self._thread),
            expected=self._expected,
            secrets=self._secrets,
            log=self._log,
            clock=time.time,
            wake=worker.wake,
            alarm=alarm,
            health_path=HEALTH_PATH,
        )
        return quiet_server(receiver, ConnectionLimit(rules, self._log.refused, alarm))

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(_COUNTS_SECONDS)
            await self._note_counts()

    async def _note_counts(self) -> None:
        counts = self._log.take_counts()
        loop = asyncio.get_running_loop()
        with contextlib.suppress(sqlite3.Error):
            await loop.run_in_executor(self._thread, self._store.count, counts, time.time())

    async def _look(self) -> None:
        """Log when the branch moved while no receiver ran; the operator decides what to do."""
        live = str(read_json(self._place.state / "live.json").get("revision", ""))
        try:
            tip = await tip_of(self._place.project, self._app.branch)()
        except RemoteSilentError as error:
            self._log.tell("remote", reason=error)
            return
        if tip != live:
            self._log.tell("behind", live=live, tip=tip, hint="deploy")


def deploy_command() -> tuple[str, ...]:
    """Return the command that starts a deploy, without the revision."""
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
