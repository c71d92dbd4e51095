"""The views of the webhook tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mantodeus_ops.text.format import human_count
from mantodeus_ops.ui.finding_rows import findings
from mantodeus_ops.ui.formatters import as_moment, as_names, as_revision, as_seconds, joined, newest
from mantodeus_ops.ui.layout import (
    NOTHING,
    Column,
    Data,
    Part,
    Row,
    View,
    field,
    grid,
    phrase,
    rows,
    words,
)

_STATES = {
    "done": "green",
    "failed": "red",
    "rejected": "yellow",
    "waiting": "yellow",
    "running": "yellow",
}


_process = field("pid", show=lambda pid: f"process {pid}")
_names = field("names", show=as_names)


def _webhook_card(data: Data) -> Iterable[Part]:
    """Return whether the receiver runs, the last push, and findings."""
    up = "answers" if data.get("answers") else "runs" if data.get("runs") else "does not run"
    tone = "green" if data.get("answers") else "red"
    state = joined(up, _by(data), _process(data)) if data.get("installed") else "not installed"
    yield from rows(
        Row("receiver", state, tone),
        Row("listens on", field("address")(data)),
        Row("for GitHub", field("url")(data)),
        Row("live", field("live", show=as_revision)(data)),
        Row("remote", _remote(data), "yellow" if data.get("behind") else ""),
        Row("last push", _push(data.get("last_push"))),
        Row("deliveries", _counts(data.get("deliveries"))),
        Row("refused", phrase(data.get("refused"))),
    )
    yield from findings(data)


def _by(data: Data) -> str:
    texts = {"pm2": "under PM2", "cron": "kept by a shell that cron starts", "hand": "by hand"}
    return texts.get(str(data.get("by")), "")


def _remote(data: Data) -> str:
    behind = data.get("behind")
    tip = field("remote_commit", show=as_revision)(data)
    return f"{human_count(behind, 'commit')} ahead: {tip}" if behind else ""


def _push(push: object) -> str:
    if not isinstance(push, Mapping):
        return ""
    when, who = as_moment(push.get("at")), f"by {push.get('pusher')}"
    return joined(words(push.get("state")), as_revision(push.get("after")), when, who)


def _counts(counts: object) -> str:
    items = counts.items() if isinstance(counts, Mapping) else ()
    return ", ".join(f"{count} {words(name)}" for name, count in items)


_DELIVERIES: tuple[Column, ...] = (
    ("when", field("at", show=as_moment)),
    ("id", field("id", show=lambda id_: str(id_)[:8])),
    ("event", field("event")),
    ("state", field("state")),
    ("revision", field("after", show=as_revision)),
    ("who", field("pusher")),
    ("took", field("seconds", show=as_seconds)),
)


def _deliveries_card(data: Data) -> Iterable[Part]:
    """Return the deliveries, newest first, each with its outcome below it."""
    listed = list(data.get("deliveries") or ())
    if not listed:
        return [Row("deliveries", "none")]
    shown = grid(listed, _DELIVERIES)
    below = tuple(field("outcome", show=str)(delivery).removeprefix(NOTHING) for delivery in listed)
    return [replace(shown, below=below, tones={"state": _STATES})]


def _delivery_card(data: Data) -> Iterable[Part]:
    """Return the delivery that waits again."""
    return rows(
        Row("delivery", field("id")(data)),
        Row("state", field("state")(data)),
        Row("revision", field("after", show=as_revision)(data)),
        Row("reason", field("reason")(data)),
    )


def _receiver_card(data: Data) -> Iterable[Part]:
    """Return where the receiver listens, its files, and what restarts it."""
    return rows(
        Row("receiver", joined(_by(data), _process(data))),
        Row("listens on", field("address")(data)),
        Row("for GitHub", field("url")(data)),
        Row("python", field("python")(data)),
        Row("code", field("root")(data)),
    )


def _secret_card(data: Data) -> Iterable[Part]:
    """Return the file with the secret, and the backup of the previous one."""
    return rows(
        Row("changed", _names(data)),
        Row("file", field("file")(data)),
        Row("backup", field("backup")(data)),
    )


def _ping_card(data: Data) -> Iterable[Part]:
    """Return where the ping was sent, and the answer."""
    took = as_seconds(data.get("answer_seconds"))
    return rows(
        Row("sent to", field("place")(data)),
        Row("answer", joined(field("answer")(data), took)),
        Row("delivery", field("delivery")(data)),
        Row("ended at", field("ended_at")(data), "red"),
    )


webhook = View(
    _webhook_card,
    (
        ("receiver", lambda data: "answers" if data.get("answers") else "does not answer"),
        ("last push", lambda data: _push(data.get("last_push"))),
        ("findings", lambda data: str(len(data.get("findings") or ()))),
    ),
)
deliveries = View(_deliveries_card, newest("deliveries", _DELIVERIES[:5]))
delivery = View(_delivery_card, (("delivery", field("id")), ("state", field("state"))))
receiver = View(_receiver_card, (("listens on", field("address")), ("kept by", _by)))
secret = View(_secret_card, (("changed", _names),))
ping = View(_ping_card, (("sent to", field("place")), ("answer", field("answer"))))
poll = View(_delivery_card, quiet=True)
