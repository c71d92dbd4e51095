"""The tasks webhook.status, deliveries and redeliver."""

from __future__ import annotations

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.errors import OpsError
from mantodeus_ops.findings import Finding, findings_report
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.facts import Facts, RemoteState
from mantodeus_ops.remote.answers.programs import ASK_BOOKS, ASK_DELIVERIES, ASK_REDELIVER
from mantodeus_ops.remote.answers.webhook import NO_BOOKS, Books, DeliveryFacts, ReceiverFacts
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.results import TaskResult
from mantodeus_ops.text.format import short
from mantodeus_ops.webhook.install import ask_books, is_drifted, query_command, receiver_facts
from mantodeus_ops.webhook.receiver_spec import WELL, kept_by
from mantodeus_ops.webhook.status_rules import (
    check_branch,
    check_id,
    check_receiver,
    check_records,
    check_secrets,
)

_HISTORY = 50


def status(host: Host) -> TaskResult:
    """Return whether pushes come in and are deployed; exit code 7 when something is wrong."""
    facts, now = gather_facts(host, "env", "remote", history=_HISTORY), receiver_facts(host)
    books, unread = _receiver_records(host, now)
    findings = [
        *check_receiver(now, host.app.webhook.port, drifted=is_drifted(host, now)),
        *unread,
        *check_secrets(host.app.env_file, facts["env"]),
        *check_records(books, facts["now"]),
        *check_branch(facts, books),
    ]
    return findings_report(findings, _data(host, facts, now, books))


def deliveries(host: Host, lines: int) -> TaskResult:
    """Return the newest deliveries, the newest first; raise PreflightError without a receiver."""
    gather_facts(host)  # for what has to be hidden: older books may hold what is a secret by now
    listed = ask_books(host, receiver_facts(host), ASK_DELIVERIES, str(lines)).get("deliveries", [])
    return TaskResult("success", {"deliveries": listed})


def redeliver(host: Host, delivery: str) -> TaskResult:
    """Have a delivery wait again; return it; raise PreflightError for one that leads to nothing."""
    delivery_id = check_id(delivery)
    gather_facts(host)  # as above
    now = receiver_facts(host)
    if host.dry_run:
        host.preview(Command(query_command(host, now, ASK_REDELIVER.step, delivery_id)))
        return TaskResult("success")
    again = ask_books(host, now, ASK_REDELIVER, delivery_id)
    if "missing" in again:
        return TaskResult("unchanged", {"reason": "nothing was ever delivered"})
    if now["config"] and not now["config"]["alive"]:
        host.info(f"the receiver does not run: {host.command_for('webhook.install')}")
    return TaskResult("success", again["delivery"])


def _receiver_records(host: Host, now: ReceiverFacts) -> tuple[Books, list[Finding]]:
    """Return what the books say, and what speaks against them when they cannot be read."""
    if not now["config"]:
        return NO_BOOKS, []
    try:
        answer = ask_books(host, now, ASK_BOOKS)
    except OpsError as error:
        return NO_BOOKS, [Finding(error.message, error.hint or "webhook.install")]
    return answer.get("facts", NO_BOOKS), []


def _data(host: Host, facts: Facts, now: ReceiverFacts, books: Books) -> JsonObject:
    config, hook, live = now["config"], host.app.webhook, facts["live"]
    alive = bool(config and config["alive"])
    remote: RemoteState = facts["remote"] or {}
    return {
        "installed": bool(config),
        "runs": alive,
        "answers": now["health"]["status"] == WELL,
        "by": kept_by(now) if config else "",
        "pid": config.get("pid") if config and alive else None,
        "address": hook.address,
        "url": hook.url,
        "live": live.get("revision", "") if live else "",
        "remote_commit": remote.get("head", ""),
        "behind": remote.get("behind"),
        "deliveries": books["states"],
        "refused": books["refused"],
        "last_push": _shown(books["last_push"]),
    }


def _shown(push: DeliveryFacts | None) -> JsonObject | None:
    if not push:
        return None
    keys = {"id", "at", "after", "pusher", "state", "outcome"}
    shown = {name: value for name, value in push.items() if name in keys}
    return shown | {"revision": short(push["after"])}
