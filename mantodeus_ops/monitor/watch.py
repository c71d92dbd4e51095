"""The task watch: samples health, resources and errors of the app for a while."""

from __future__ import annotations

import contextlib

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.backup.job import paths
from mantodeus_ops.errors import OpsError
from mantodeus_ops.events import Sample
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.monitor.watch_session import WatchSession
from mantodeus_ops.notify.announce import Announcer
from mantodeus_ops.remote.answers.events import WATCH, Unknown, WatchEvent
from mantodeus_ops.remote.answers.programs import LIST_STATES, RECORD
from mantodeus_ops.remote.event_stream import stream
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult


def watch(host: Host, *, seconds: float) -> TaskResult:
    """Watch the app for some time or until Ctrl-C; exit code 7 when it became unhealthy.

    When that lasts, backups of the live state become bad and are no rollback candidates.
    """
    session, announcer = WatchSession(), Announcer(host, "watch")
    before = gather_facts(host)["live"]

    def hear(event: WatchEvent | Unknown) -> None:
        if "sample" in event:
            sample = event["sample"]
            # Recorded before it is shown, so that it also counts when the operator stops now.
            turned = session.take(sample)
            host.events.emit(Sample(sample))
            if turned:
                announcer.tell(turned, reason=sample.get("reason", ""))

    def left() -> JsonObject:
        """Return how long is left, which is asked again after a drop."""
        return {"seconds": _time_left(session, seconds)}

    with contextlib.suppress(KeyboardInterrupt):
        stream(host, WATCH, hear, again=left)
    announcer.close()
    return session.report(_mark_bad(host, before) if session.lasting else "")


def _time_left(watched: WatchSession, seconds: float) -> float:
    return float(watched.samples[-1]["left"]) if watched.samples else seconds


def _mark_bad(host: Host, before: object) -> str:
    """Mark the live state as bad, unless a deploy changed it; return the verdict."""
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
