"""An app with a receiver's files, as the tasks of the webhook find it."""

import json
import sys
from contextlib import closing

from mantodeus_ops.inventory.webhook_settings import Webhook
from mantodeus_ops.webhook.receiver.delivery_store import Arrival, DeliveryStore
from tests.support.backup_transfers import app_at, host_of
from tests.support.receiver_site import CHECKOUT, SECRET

REPOSITORY = "git@github.com:octo/little.git"
SIGNED = f"WEBHOOK_SECRET={SECRET.decode()}\n"


def hook_of(folder, port=9000, *, url="", **more):
    """Return the host of this folder, whose receiver is to listen on this port."""
    hook = Webhook(port=port, url=url, repository_id=42)
    return host_of(folder, repository=REPOSITORY, webhook=hook, **more)


def deployed(folder, env=SIGNED):
    """Make an app of this folder to which something was deployed."""
    app_at(folder)
    (folder / ".env").write_text(env)
    (folder / ".env").chmod(0o600)
    (folder / ".deploy").mkdir(mode=0o700, exist_ok=True)
    (folder / ".deploy/live.json").write_text(json.dumps({"revision": "a" * 40}))
    return folder


def write_down(folder, **more):
    """Write down that a receiver of this checkout is installed, as it does itself."""
    told = {"python": sys.executable, "root": str(CHECKOUT), "port": 9000, "by": "hand", **more}
    (folder / ".deploy/webhook.json").write_text(json.dumps(told))


def fail_a_push(folder, id_):
    """Let the receiver have got a push whose deploy failed."""
    with closing(DeliveryStore(folder / ".deploy/webhook.db")) as spool:
        spool.record([Arrival(id_, "1" * 64, "push", 2.0, "waiting", after="b" * 40, pusher="ann")])
        spool.mark({id_: {"state": "failed", "outcome": "it did not build"}})
