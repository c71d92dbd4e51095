"""Sends notifications of a task from the local machine; failures never fail the task."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from mantodeus_ops.errors import OpsError, UsageError
from mantodeus_ops.notify.message import Notification, addresses, apprise_url, notification
from mantodeus_ops.remote.host import Host
from mantodeus_ops.transaction.local_user import operator
from mantodeus_ops.trusted_files import Trust, spelled_out

_SECONDS = 15.0
_MOST_BYTES = 100_000


class Announcer:
    """Sends the notifications of a task on a host, in order; none in a dry run."""

    def __init__(self, host: Host, task: str) -> None:
        self._host, self._task = host, task
        self._urls = [] if host.dry_run else list(self._resolved(host.app.notify_urls))
        host.add_secrets(self._urls)
        self._last: Thread | None = None

    def tell(self, event: str, **facts: object) -> None:
        """Send a notification of this event without waiting for it."""
        if not self._urls:
            return
        happened = event if self._task == "watch" else f"{self._task}: {event}"
        who, origin = operator()
        redacted = self._host.redacted({**facts, "by": f"{who}@{origin}"})
        host, app = self._host.name, self._host.app.name
        message = notification(happened, host=host, app=app, facts=redacted)
        self._last = Thread(target=self._send, args=(message, self._last), daemon=True)
        self._last.start()

    def close(self) -> None:
        """Wait a little for notifications that are being sent."""
        if self._last:
            self._last.join(_SECONDS)

    def _resolved(self, named: Iterable[str]) -> Iterator[str]:
        for name in named:
            kind, _, location = name.partition(":")
            if kind == "env":
                yield from self._of_variable(location)
            elif kind == "file":
                yield from self._of_file(spelled_out(location))
            else:
                yield name

    def _of_variable(self, name: str) -> list[str]:
        text = os.environ.get(name, "")
        if not text:
            self._warn(f"the variable {name} is not set on this machine")
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
            reason = "" if _deliver(self._urls, message) else "some notifications could not be sent"
        except Exception as error:  # noqa: BLE001 - a library of a hundred services may raise anything
            reason = f"some notifications could not be sent: {type(error).__name__}"
        if reason:
            self._warn(reason)

    def _warn(self, text: str) -> None:
        self._host.info(f"warning: notify_urls: {text}")


@contextmanager
def announce_failures(host: Host, task: str) -> Iterator[Announcer]:
    """Announce a failure or rollback of this block; the block announces start and success."""
    announcer = Announcer(host, task)
    try:
        yield announcer
    except OpsError as error:
        event = "rolled back" if error.status == "rolled_back" else "failed"
        announcer.tell(event, reason=error.message, hint=error.hint)
        raise
    finally:
        announcer.close()


def _deliver(urls: list[str], message: Notification) -> bool:
    """Return whether all addresses accepted the notification."""
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False
    import apprise  # noqa: PLC0415 - costs 200 ms, and few runs send one

    client = apprise.Apprise(asset=apprise.AppriseAsset(secure_logging=True, async_mode=False))
    added = [bool(client.add(url) or client.add(apprise_url(url))) for url in urls]
    text = message.text or message.title
    sent = client.notify(title=message.title, body=text, notify_type=message.kind)
    return bool(sent) and all(added)
