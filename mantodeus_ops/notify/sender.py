"""Sends notices from the machine of the command; a notice never fails its task."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path
from threading import Thread

from mantodeus_ops.errors import UsageError
from mantodeus_ops.notify.message import Notification, addresses, spoken
from mantodeus_ops.remote.host import Host
from mantodeus_ops.trusted_files import Trust, spelled_out

_SECONDS = 15.0
_MOST_BYTES = 100_000


class NotificationSender:
    """Sends each event to all that the inventory names, beside the work and in order."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._urls = list(self._resolved(host.app.notify_urls))
        host.add_secrets(self._urls)
        self._last: Thread | None = None

    def tell(self, notice: Notification) -> None:
        """Send the notice without waiting for it."""
        if self._urls:
            before = self._last
            self._last = Thread(target=self._send, args=(notice, before), daemon=True)
            self._last.start()

    def close(self) -> None:
        """Wait a little for what is on its way."""
        if self._last:
            self._last.join(_SECONDS)

    def _resolved(self, named: Iterable[str]) -> Iterable[str]:
        for name in named:
            if name.startswith("env:"):
                yield from self._of_variable(name.removeprefix("env:"))
            elif name.startswith("file:"):
                yield from self._of_file(spelled_out(name.removeprefix("file:")))
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
            return []
        except (OSError, UnicodeDecodeError) as error:
            self._warn(f"{path} cannot be read: {error}")
            return []

    def _send(self, notice: Notification, before: Thread | None) -> None:
        if before:
            before.join(_SECONDS)
        try:
            delivered = _sent(self._urls, notice)
        except Exception as error:  # noqa: BLE001 - a library of a hundred services may raise anything
            delivered, reason = False, f": {type(error).__name__}"
        else:
            reason = ""
        if not delivered:
            self._warn(f"not every notice could be sent{reason}")

    def _warn(self, text: str) -> None:
        self._host.info(f"warning: notify_urls: {text}")


def _sent(urls: list[str], notice: Notification) -> bool:
    """Return whether every address took the notice."""
    logging.getLogger("apprise").addHandler(logging.NullHandler())
    logging.getLogger("apprise").propagate = False
    import apprise  # noqa: PLC0415 - costs 200 ms, and few runs send a notice

    known = apprise.Apprise(asset=apprise.AppriseAsset(secure_logging=True, async_mode=False))
    added = [bool(known.add(url) or known.add(spoken(url))) for url in urls]
    sent = known.notify(
        title=notice.title, body=notice.text or notice.title, notify_type=notice.kind
    )
    return bool(sent) and all(added)
