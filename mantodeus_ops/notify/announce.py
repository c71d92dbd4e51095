"""Notifications of a task, sent from the machine of the command; none of them fails the task."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from mantodeus_ops.errors import OpsError, UsageError
from mantodeus_ops.notify.message import Notification, addresses, notification, spoken
from mantodeus_ops.remote.host import Host
from mantodeus_ops.transaction.operator import operator
from mantodeus_ops.trusted_files import Trust, spelled_out

_SECONDS = 15.0
_MOST_BYTES = 100_000


class Announcer:
    """Sends the events of one task on one host, beside the work and in order; none in a dry run."""

    def __init__(self, host: Host, task: str) -> None:
        self._host, self._task = host, task
        self._urls = [] if host.dry_run else list(self._resolved(host.app.notify_urls))
        host.add_secrets(self._urls)
        self._last: Thread | None = None

    def tell(self, what: str, **facts: object) -> None:
        """Send this event without waiting for it."""
        if not self._urls:
            return
        happened = what if self._task == "watch" else f"{self._task}: {what}"
        who, origin = operator()
        known = self._host.redacted({**facts, "by": f"{who}@{origin}"})
        host, app = self._host.name, self._host.app.name
        message = notification(happened, host=host, app=app, facts=known)
        self._last = Thread(target=self._send, args=(message, self._last), daemon=True)
        self._last.start()

    def close(self) -> None:
        """Wait a little for what is on its way."""
        if self._last:
            self._last.join(_SECONDS)

    def _resolved(self, named: Iterable[str]) -> Iterator[str]:
        for name in named:
            kind, _, place = name.partition(":")
            if kind == "env":
                yield from self._of_variable(place)
            elif kind == "file":
                yield from self._of_file(spelled_out(place))
            else:
                yield name

    def _of_variable(self, name: str) -> list[str]:
        text = os.environ.get(name, "")
        if not text:
            self._warn(f"the variable {name} is not set here")
        return addresses(text)

    def _of_file(self, path: Path) -> list[str]:
        try:
            return addresses(Trust(UsageError, private=True, most=_MOST_BYTES).text(path))
        except UsageError as error:
            self._warn(f"{error.message}: {error.hint}")
        except (OSError, UnicodeDecodeError) as error:
            self._warn(f"{path} cannot be read: {error}")
        return []

    def _send(self, message: Notification, before: Thread | None) -> None:
        if before:
            before.join(_SECONDS)
        try:
            reason = "" if _sent(self._urls, message) else "not every notice could be sent"
        except Exception as error:  # noqa: BLE001 - a library of a hundred services may raise anything
            reason = f"not every notice could be sent: {type(error).__name__}"
        if reason:
            self._warn(reason)

    def _warn(self, text: str) -> None:
        self._host.info(f"warning: notify_urls: {text}")


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


def _sent(urls: list[str], message: Notification) -> bool:
    """Return whether every address took the notification."""
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False
    import apprise  # noqa: PLC0415 - costs 200 ms, and few runs send one

    known = apprise.Apprise(asset=apprise.AppriseAsset(secure_logging=True, async_mode=False))
    added = [bool(known.add(url) or known.add(spoken(url))) for url in urls]
    text = message.text or message.title
    sent = known.notify(title=message.title, body=text, notify_type=message.kind)
    return bool(sent) and all(added)
