"""Watches the app for a while: how it is, what it uses, and what it says as errors."""

from __future__ import annotations

import contextlib

from ..host.door import Host
from ..host.stream import Event, stream
from ..pure.errors import OpsError
from ..pure.outcome import Report
from ..pure.watching import Watched
from .backup import paths
from .facts import look
from .news import News


def watch(host: Host, *, seconds: float) -> Report:
    """Return what was seen of the app for so long, or until Ctrl-C; red when anything turned bad.

    When that lasts, the backups of what is live become bad: no rollback goes there by itself.
    """
    watched, news = Watched(), News(host, "watch")
    before = look(host)["live"]

    def hear(event: Event) -> None:
        if "sample" in event:
            sample = event["sample"]
            # Taken before it is shown: a sample at which a person stops counts.
            turned = watched.take(sample)
            host.events.sample(host.name, sample)
            if turned:
                news.tell(turned, reason=sample.get("reason", ""))

    left = lambda: {"seconds": _left(watched, seconds)}  # noqa: E731 - it is asked again after a drop
    with contextlib.suppress(KeyboardInterrupt):
        stream(host, "watch", hear, again=left)
    news.close()
    return watched.report(_turned(host, before) if watched.lasting else "")


def _left(watched: Watched, seconds: float) -> float:
    return float(watched.samples[-1]["left"]) if watched.samples else seconds


def _turned(host: Host, before: object) -> str:
    """Mark the state that is live as bad, unless a deploy changed it meanwhile; return the word."""
    try:
        facts = look(host)
        if facts["live"] != before or facts["lock"]["verdict"] not in {"free", "dead"}:
            return ""
        state = host.ask("states", timeout=600, paths=paths(host), exact=True)["state"]
        if state:
            host.tell("record", mark={"state": state, "change": {"verdict": "bad"}})
    except OpsError as error:
        host.note(f"warning: the verdict of the backups stays: {error.message}")
        return ""
    return "bad" if state else ""
