"""Asks a person before something that they may not mean."""

from __future__ import annotations

from mantodeus_ops.errors import OpsError
from mantodeus_ops.remote.host import Host


def confirm(host: Host, question: str, *, hint: str = "add --yes") -> None:
    """Return when a person, or --yes, says yes; raise OpsError otherwise."""
    if host.options.yes:
        return
    said = host.events.ask(f"{question} [y/N]")
    if not said:
        raise OpsError(f"{question} There is no terminal to answer at", hint)
    if not said.lower().startswith("y"):
        raise OpsError("not confirmed; nothing was changed")
