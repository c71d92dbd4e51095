"""Asks for confirmation before a risky change."""

from __future__ import annotations

from mantodeus_ops.errors import OpsError
from mantodeus_ops.remote.host import Host


def confirm(host: Host, question: str, *, hint: str = "add --yes") -> None:
    """Return when the operator or --yes confirms; raise OpsError otherwise."""
    if host.options.yes:
        return
    answer = host.events.ask(f"{question} [y/N]")
    if not answer:
        raise OpsError(f"{question} There is no terminal to answer on", hint)
    if not answer.lower().startswith("y"):
        raise OpsError("not confirmed; nothing was changed")
