"""Starts the receiver process: checks, folders, socket and configuration."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from mantodeus_ops.errors import OpsError, PreflightError
from mantodeus_ops.inventory.locate import inventory_path
from mantodeus_ops.inventory.settings import App
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.local_files import write_private
from mantodeus_ops.text.sanitize import fields
from mantodeus_ops.webhook.receiver.git_remote import read_json
from mantodeus_ops.webhook.receiver.log import ReceiverLog
from mantodeus_ops.webhook.receiver.secrets import Secrets, check_vector
from mantodeus_ops.webhook.receiver.service import ReceiverFolder, ReceiverService, deploy_command
from mantodeus_ops.webhook.receiver_spec import expected_of
from mantodeus_ops.webhook.self_package import ROOT, tool_archive


def serve(host: Host) -> None:
    """Receive deliveries and deploy them until stopped; raise PreflightError."""
    os.umask(0o077)
    app = host.app
    folder = ReceiverFolder(Path(app.project_dir), Path(app.project_dir) / ".deploy")
    check_vector()
    secrets = Secrets(folder.project / app.env_file)
    secrets()
    expected_of(app)
    _make_folders(folder)
    with _only_one(folder), closing_socket(app) as listener:
        log = ReceiverLog(folder.project / "logs" / "webhook.log", clock=time.time)
        write_config(folder, host)
        host.info(f"listening on {app.webhook.address}")
        asyncio.run(ReceiverService(app, folder, secrets, log, deploy_command()).run(listener))


def _make_folders(folder: ReceiverFolder) -> None:
    if not folder.state.is_dir():
        raise PreflightError("nothing was deployed here by this tool yet", "deploy.setup")
    for path in (folder.home, folder.project / "logs"):
        path.mkdir(mode=0o700, exist_ok=True)


@contextlib.contextmanager
def _only_one(folder: ReceiverFolder) -> Iterator[None]:
    """Lock the folder for one receiver; raise PreflightError when another runs."""
    with (folder.home / "receiver.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PreflightError(
                "another receiver of this app runs already", "webhook.status"
            ) from None
        yield


@contextlib.contextmanager
def closing_socket(app: App) -> Iterator[socket.socket]:
    """Yield a socket that is bound to the receiver's address; raise OpsError."""
    hook = app.webhook
    family = socket.AF_INET6 if ":" in hook.bind else socket.AF_INET
    # asyncio sets TCP_NODELAY only on sockets with an explicit protocol; without it, each part of
    # an answer is delayed by 40 ms.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((hook.bind, hook.port))
        except OSError as error:
            message = f"cannot listen on {hook.bind}:{hook.port}: {error.strerror}"
            raise OpsError(message, "set webhook.port in the inventory") from None
        yield listener


def write_config(folder: ReceiverFolder, host: Host) -> None:
    """Record this receiver's process for later queries; other keys of the file are kept."""
    file = folder.state / "webhook.json"
    config = read_json(file)
    by = "pm2" if "pm_id" in os.environ else config.get("by", "hand")
    values = {
        "python": sys.executable,
        "root": str(ROOT),
        "code": tool_archive().digest,
        "inventory": str(inventory_path().absolute()),
        "local": host.name,
        "pid": os.getpid(),
        "started": _start_time(),
        "at": time.time(),
        "port": host.app.webhook.port,
        "by": by,
    }
    write_private(file, json.dumps(config | values))


def _start_time() -> str:
    """Return this process's start time in clock ticks; together with the pid it is unique."""
    return fields(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2])[19]
