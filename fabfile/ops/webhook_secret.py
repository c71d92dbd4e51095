"""Makes the secret that GitHub signs with, and lets go of the one before."""

from __future__ import annotations

import secrets

from ..host.door import Host
from ..host.hidden import refuse_unseen, show_once
from ..pure.env_edit import Edit
from ..pure.outcome import Report
from ..pure.webhook_secret import (
    NEW_BYTES,
    OLD,
    SECRET,
    secrets_in,
    with_new_secret,
    without_old_secret,
)
from .confirm import confirm
from .env_write import Change, changed


def renew(host: Host) -> Report:
    """Put a new secret into `.env`, and show it once; return what came of it.

    The one before stays good until `finish`. Raise UsageError without a terminal to show it.
    """
    if not host.dry_run:
        refuse_unseen(as_json=host.options.as_json)
    new = secrets.token_hex(NEW_BYTES)
    host.hide([new])
    kept: list[str] = []

    def edit(change: Change) -> Edit:
        edited = with_new_secret(change.file.text, new)
        kept.extend([OLD] if secrets_in(edited.text).old else [])
        return edited

    report = changed(host, "webhook.secret", [SECRET], edit, restart=False)
    if not host.dry_run:
        show_once(f"{SECRET} of {host.name}, shown this once: ", new)
        host.note("put it into the webhook's Secret at GitHub: Settings, Webhooks, Edit")
        if kept:
            host.note(f"then let go of the one before: {host.typed('webhook.secret --finish')}")
    return report


def finish(host: Host) -> Report:
    """Take the secret before out of `.env`: what is signed with it is refused from now on."""

    def edit(change: Change) -> Edit:
        edited = without_old_secret(change.file.text)
        if edited.text != change.file.text and not host.dry_run:
            confirm(host, "Does GitHub have the new secret? What is signed with the old is refused")
        return edited

    return changed(host, "webhook.secret", [OLD], edit, restart=False)
