"""Watches the app for a while: how it is, what it uses, and what it says as errors."""

from __future__ import annotations

import contextlib

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.backup.job import paths
from mantodeus_ops.errors import OpsError
from mantodeus_ops.events import Sample
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.monitor.watch_session import Watched
from mantodeus_ops.notify.announce import Announcer
from mantodeus_ops.remote.answers.events import WATCH, Unknown, WatchEvent
from mantodeus_ops.remote.answers.programs import LIST_STATES, RECORD
from mantodeus_ops.remote.event_stream import stream
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult


def watch(host: Host, *, seconds: float) -> TaskResult:
    """Return what was seen of the app for so long, or until Ctrl-C; red when anything turned bad.

    When that lasts, the backups of what is live become bad: no rollback goes there by itself.
    """
    watched, news = Watched(), Announcer(host, "watch")
    before = gather_facts(host)["live"]

    def hear(event: WatchEvent | Unknown) -> None:
        if "sample" in event:
            sample = event["sample"]
            # Taken before it is shown: a sample at which a person stops counts.
            turned = watched.take(sample)
            host.events.emit(Sample(sample))
            if turned:
                news.tell(turned, reason=sample.get("reason", ""))

    def left() -> JsonObject:
        """Return how long is left, which is asked again after a drop."""
        return {"seconds": _left(watched, seconds)}

    with contextlib.suppress(KeyboardInterrupt):
        stream(host, WATCH, hear, again=left)
    news.close()
    return watched.report(_turned(host, before) if watched.lasting else "")


def _left(watched: Watched, seconds: float) -> float:
    return float(watched.samples[-1]["left"]) if watched.samples else seconds


def _turned(host: Host, before: object) -> str:
    """Mark the state that is live as bad, unless a deploy changed it meanwhile; return the word."""
    try:
        facts = gather_facts(host)
        if facts["live"] != before or facts["lock"]["verdict"] not in {"free", "dead"}:
            return ""
        state = host.query(LIST_STATES, timeout=600, paths=paths(host), exact=True)["state"]
        if state:
            host.call(RECORD, mark={"state": state, "change": {"verdict": "bad"}})
    except OpsError as error:
        host.info(f"warning: the verdict of the backups stays: {error.message}")
        return ""
    return "bad" if state else ""
