"""Looks at what GitHub sent and what came of it, and has the receiver take one up again."""

from __future__ import annotations

from typing import Any

from mantodeus_ops.app.facts import Facts, gather_facts
from mantodeus_ops.errors import OpsError
from mantodeus_ops.findings import Finding, findings_report
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.format import short
from mantodeus_ops.webhook.install import asked, is_drifted, question, seen
from mantodeus_ops.webhook.receiver_spec import WELL, kept_by
from mantodeus_ops.webhook.status_rules import (
    check_books,
    check_branch,
    check_receiver,
    check_secrets,
    checked_id,
)

_HISTORY = 50


def status(host: Host) -> TaskResult:
    """Return whether pushes come in and are deployed; exit code 7 when something is wrong."""
    facts, now = gather_facts(host, "env", "remote", history=_HISTORY), seen(host)
    books, unread = _books(host, now)
    found = [
        *check_receiver(now, host.app.webhook.port, drifted=is_drifted(host, now)),
        *unread,
        *check_secrets(host.app.env_file, facts["env"]),
        *check_books(books, facts["now"]),
        *check_branch(facts, books),
    ]
    return findings_report(found, _data(host, facts, now, books))


def deliveries(host: Host, lines: int) -> TaskResult:
    """Return the newest deliveries, the newest first; raise PreflightError without a receiver."""
    gather_facts(host)  # for what has to be hidden: older books may hold what is a secret by now
    listed = asked(host, seen(host), "deliveries", str(lines)).get("deliveries", [])
    return TaskResult("success", {"deliveries": listed})


def redeliver(host: Host, delivery: str) -> TaskResult:
    """Have a delivery wait again; return it; raise PreflightError for one that leads to nothing."""
    wanted = checked_id(delivery)
    gather_facts(host)  # as above
    now = seen(host)
    if host.dry_run:
        host.preview(Command(question(host, now, "redeliver", wanted)))
        return TaskResult("success")
    again = asked(host, now, "redeliver", wanted)
    if "missing" in again:
        return TaskResult("unchanged", {"reason": "nothing was ever delivered"})
    if not now["config"]["alive"]:
        host.info(f"the receiver does not run: {host.command_for('webhook.install')}")
    return TaskResult("success", again["delivery"])


def _books(host: Host, now: Facts) -> tuple[Facts, list[Finding]]:
    """Return what the books say, and what speaks against them when they cannot be read."""
    if not now["config"]:
        return {}, []
    try:
        answer = asked(host, now, "facts")
    except OpsError as error:
        return {}, [Finding(error.message, error.hint or "webhook.install")]
    return answer.get("facts", {}), []


def _data(host: Host, facts: Facts, now: Facts, books: Facts) -> dict[str, Any]:
    config, hook = now["config"] or {}, host.app.webhook
    remote = facts.get("remote") or {}
    states = books.get("states", {})
    return {
        "installed": bool(config),
        "runs": bool(config.get("alive")),
        "answers": now["health"]["status"] == WELL,
        "by": kept_by(now) if config else "",
        "pid": config.get("pid") if config.get("alive") else None,
        "address": hook.address,
        "url": hook.url,
        "live": (facts["live"] or {}).get("revision", ""),
        "remote_commit": remote.get("head", ""),
        "behind": remote.get("behind"),
        "deliveries": states,
        "refused": books.get("refused", {}),
        "last_push": _told(books.get("last_push")),
    }


def _told(push: Facts | None) -> dict[str, Any] | None:
    if not push:
        return None
    kept = ("id", "at", "after", "pusher", "state", "outcome")
    return {name: push[name] for name in kept} | {"revision": short(push["after"])}
