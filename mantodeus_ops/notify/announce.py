"""Tells of a run to those whom the inventory names: when it starts, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mantodeus_ops.errors import OpsError
from mantodeus_ops.notify.message import notification
from mantodeus_ops.remote.host import Host
from mantodeus_ops.transaction.operator import operator


class Announcer:
    """What there is to tell of one task on one host; nothing in a dry run."""

    def __init__(self, host: Host, task: str) -> None:
        self._host, self._task = host, task
        self._notifier: Any = None
        if host.app.notify_urls and not host.dry_run:
            from mantodeus_ops.notify.sender import NotificationSender  # noqa: PLC0415 - few inventories name a receiver

            self._notifier = NotificationSender(host)

    def tell(self, what: str, **facts: Any) -> None:
        """Send this event; a notice that fails never stops the task."""
        if self._notifier:
            happened = what if self._task == "watch" else f"{self._task}: {what}"
            who, origin = operator()
            known = self._host.redacted({**facts, "by": f"{who}@{origin}"})
            host, app = self._host.name, self._host.app.name
            self._notifier.tell(notification(happened, host=host, app=app, facts=known))

    def close(self) -> None:
        """Wait a little for what is on its way."""
        if self._notifier:
            self._notifier.close()


@contextmanager
def announced(host: Host, task: str) -> Iterator[Announcer]:
    """Tell when the task in this block fails or rolls back; what starts and is done, it tells."""
    news = Announcer(host, task)
    try:
        yield news
    except OpsError as error:
        what = "rolled back" if error.status == "rolled_back" else "failed"
        news.tell(what, reason=error.message, hint=error.hint)
        raise
    finally:
        news.close()
