"""Runs the webhook's receiver in this process; the libraries for it are loaded here only."""

from __future__ import annotations

from ..host.door import Host
from ..pure.errors import UsageError


def serve(host: Host) -> None:
    """Take GitHub's deliveries on this machine until told to end; raise UsageError elsewhere."""
    if host.way is not None:
        raise UsageError("webhook.serve runs on the host itself", host.typed("webhook.install"))
    from ..receiver.serve import serve as run  # noqa: PLC0415 - uvicorn is for this task alone

    run(host)
