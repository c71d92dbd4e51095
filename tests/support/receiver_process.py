"""A receiver as a process, with a script in place of the deploy: `stand.py FOLDER PORT`."""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
import time
from pathlib import Path, PurePosixPath

from mantodeus_ops.inventory.settings import App
from mantodeus_ops.inventory.webhook_settings import Webhook
from mantodeus_ops.webhook.receiver.log import ReceiverLog
from mantodeus_ops.webhook.receiver.main import closing_socket
from mantodeus_ops.webhook.receiver.secrets import Secrets
from mantodeus_ops.webhook.receiver.service import ReceiverFolder, ReceiverService

FAKE = Path(__file__).with_name("fake_deploy.sh")


def app_in(project, port):
    """Return the settings of the app that is received for."""
    return App(
        project_dir=PurePosixPath(project),
        name="little",
        health_url="http://127.0.0.1:1/",
        repository="git@github.com:octo/little.git",
        webhook=Webhook(port=port, repository_id=42),
    )


def main(folder, port):
    """Serve until told to end; say where we are when asked to."""
    faulthandler.register(signal.SIGUSR1)
    os.umask(0o077)
    root = Path(folder)
    app = app_in(root / "project", int(port))
    place = ReceiverFolder(root / "project", root / "project/.deploy")
    place.home.mkdir(parents=True, exist_ok=True)
    book = ReceiverLog(place.project / "logs/webhook.log", clock=time.time)
    command = ("sh", str(FAKE), str(root / "deploys"))
    with closing_socket(app) as listener:
        serving = ReceiverService(app, place, Secrets(place.project / ".env"), book, command)
        asyncio.run(serving.run(listener))


if __name__ == "__main__":
    main(*sys.argv[1:])
