"""The task webhook.serve: runs the receiver in this process; loads its libraries on demand."""

from __future__ import annotations

from mantodeus_ops.errors import UsageError
from mantodeus_ops.remote.host import Host


def serve(host: Host) -> None:
    """Receive GitHub's deliveries on this machine until stopped; raise UsageError elsewhere."""
    if host.target is not None:
        raise UsageError(
            "webhook.serve runs on the host itself", host.command_for("webhook.install")
        )
    from mantodeus_ops.webhook.receiver.main import serve as run  # noqa: PLC0415 - uvicorn is for this task alone

    run(host)
