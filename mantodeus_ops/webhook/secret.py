"""The task webhook.secret: creates the secret that GitHub signs with, and removes the old one."""

from __future__ import annotations

import secrets

from mantodeus_ops.dotenv.edit import Edit
from mantodeus_ops.env.apply import EnvChange, apply_env_change
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult
from mantodeus_ops.transaction.confirm import confirm
from mantodeus_ops.ui.prompts import require_terminal, show_once
from mantodeus_ops.webhook.secret_rules import (
    NEW_BYTES,
    OLD,
    SECRET,
    secrets_in,
    with_new_secret,
    without_old_secret,
)


def renew(host: Host) -> TaskResult:
    """Put a new secret into `.env` and show it once; return the result.

    The one before stays good until `finish`. Raise UsageError without a terminal to show it.
    """
    if not host.dry_run:
        require_terminal(as_json=host.options.as_json)
    new = secrets.token_hex(NEW_BYTES)
    host.add_secrets([new])
    backups: list[str] = []

    def edit(change: EnvChange) -> Edit:
        edited = with_new_secret(change.file.text, new)
        backups.extend([OLD] if secrets_in(edited.text).old else [])
        return edited

    result = apply_env_change(host, "webhook.secret", [SECRET], edit, restart=False)
    if not host.dry_run:
        show_once(f"{SECRET} of {host.name}, shown this once: ", new)
        host.info("put it into the webhook's Secret at GitHub: Settings, Webhooks, Edit")
        if backups:
            host.info(
                f"then let go of the one before: {host.command_for('webhook.secret --finish')}"
            )
    return result


def finish(host: Host) -> TaskResult:
    """Take the secret before out of `.env`: what is signed with it is refused from now on."""

    def edit(change: EnvChange) -> Edit:
        edited = without_old_secret(change.file.text)
        if edited.text != change.file.text and not host.dry_run:
            confirm(host, "Does GitHub have the new secret? What is signed with the old is refused")
        return edited

    return apply_env_change(host, "webhook.secret", [OLD], edit, restart=False)
