"""Checks the path from a push to its deploy; findings name a fix."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mantodeus_ops.env.check_rules import readable_by_others
from mantodeus_ops.errors import UsageError
from mantodeus_ops.findings import Finding
from mantodeus_ops.remote.answers.backup import LiveRecord
from mantodeus_ops.remote.answers.facts import EnvState, Facts, RemoteState
from mantodeus_ops.remote.answers.webhook import Books, ReceiverFacts
from mantodeus_ops.text.failure_reason import reason_in
from mantodeus_ops.text.format import human_count, human_seconds, short
from mantodeus_ops.text.suggest import clauses
from mantodeus_ops.webhook.receiver_spec import WELL, kept_by
from mantodeus_ops.webhook.secret_rules import OLD, secret_fault, secrets_in

_LONG_SECONDS = 3600  # a delivery that waits for longer needs a person
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,99}")


def check_id(delivery: str) -> str:
    """Return the id of a delivery, or the beginning of one; raise UsageError for anything else."""
    if _ID.fullmatch(delivery):
        return delivery
    raise UsageError("a delivery's id is letters, digits and dashes", "webhook.deliveries")


def check_receiver(
    receiver: ReceiverFacts, port: int, *, drifted: bool = False
) -> Iterator[Finding]:
    """Yield what speaks against the receiver as it runs, or does not.

    It is drifted when the host has another tool or inventory than is here.
    """
    config, listener, health = receiver["config"], receiver["listener"], receiver["health"]
    if not config:
        yield Finding("no receiver is installed here", "webhook.install")
    elif listener.get("stranger"):
        text = f"port {port} is taken by {listener['stranger']}, not by the receiver"
        yield Finding(text, "webhook.install  # once that is gone, or with another webhook.port")
    elif not config["alive"]:
        yield Finding("the receiver does not run", "webhook.install")
    elif health["status"] != WELL:
        why = health.get("error") or f"it answers {health['status']}"
        yield Finding(f"the receiver does not answer: {why}", "logs --webhook")
    if config and config["alive"] and kept_by(receiver) == "hand":
        text = "the receiver was started by hand: nothing brings it back when it falls"
        yield Finding(text, "webhook.install", stops=False)
    if drifted:
        text = "the receiver goes by another version of this tool, or of the inventory"
        yield Finding(text, "webhook.install", stops=False)


def check_secrets(name: str, env: EnvState) -> Iterator[Finding]:
    """Yield what speaks against the secret and the file that holds it."""
    if fault := secret_fault(env.get("text", "")):
        yield Finding(fault, "webhook.secret")
    elif secrets_in(env["text"]).old:
        text = f"the change of the secret is not finished: {OLD} is still good"
        yield Finding(text, "webhook.secret --finish  # once GitHub has the new one", stops=False)
    if env.get("present"):
        yield from readable_by_others(name, env["mode"])


def check_records(books: Books, now: float) -> Iterator[Finding]:
    """Yield what speaks against what became of the deliveries; `now` in seconds since 1970."""
    last = books.get("last_push")
    for delivery in books.get("failed", ()):
        newest = bool(last and delivery["id"] == last["id"])
        reason = delivery["outcome"] or "no reason is known"
        text = f"the push of {short(delivery['after'])} failed: {reason}"
        yield Finding(
            text, f"webhook.redeliver {delivery['id'][:8]}  # after the fix", stops=newest
        )
    for delivery in books.get("waiting", ()):
        if now - delivery["at"] > _LONG_SECONDS:
            waits = human_seconds(now - delivery["at"])
            why = f": {delivery['outcome']}" if delivery["outcome"] else ""
            text = f"the push of {short(delivery['after'])} waits for {waits}{why}"
            yield Finding(text, "webhook.deliveries", stops=False)
    unsigned = books.get("refused", {}).get("401", 0)
    if unsigned and not books.get("last"):
        text = f"{human_count(unsigned, 'request')} came without a valid signature, and none with"
        hint = "webhook.secret  # if GitHub has another than .env"
        yield Finding(text, hint, stops=False)


def check_branch(facts: Facts, books: Books) -> Iterator[Finding]:
    """Yield the finding that the branch has moved on without a delivery."""
    remote: RemoteState = facts.get("remote") or {}
    live: LiveRecord = facts["live"] or {}
    if remote.get("error"):
        text = clauses("the remote cannot be asked", reason_in(str(remote["error"])))
        yield Finding(text, "check", stops=False)
        return
    head = remote.get("head", "")
    if not head or not live or live.get("revision") == head:
        return
    pushed = next(
        (delivery for delivery in books.get("recent", ()) if delivery["after"] == head), None
    )
    if pushed and pushed["state"] in {"waiting", "running", "failed"}:
        return  # another finding says that
    if head in facts["rejected"] or pushed:
        why = pushed["outcome"] if pushed else "it was rolled back here"
        text = f"the branch is at {short(head)}, which is not live: {why}"
        yield Finding(text, f"deploy --ref {short(head)}  # if it is to be", stops=False)
        return
    text = f"the branch has moved on to {short(head)}, but no delivery reported it"
    yield Finding(text, "deploy  # then webhook.ping, to see why")
