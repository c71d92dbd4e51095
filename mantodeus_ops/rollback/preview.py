"""Previews the commands of a rollback."""

from __future__ import annotations

from collections.abc import Sequence

from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.rollback.choose import RollbackCandidate


def preview_rollback(
    host: Host,
    choice: RollbackCandidate,
    *,
    run: str,
    checkout: Sequence[str] | None,
    apps: Sequence[str],
) -> None:
    """Show the commands by which a rollback would make this state live."""
    project = str(host.app.project_dir)
    if choice.unpacked:
        archive = f"{host.app.backup_dir}/{choice.target.name}.tar.gz"
        host.preview(Command(("tar", "-xzf", archive, "-C", ".deploy/restore", *choice.unpacked)))
    for name in choice.swaps:
        host.preview(Command(("mv", name, f".deploy/previous/{run}/{name}"), project))
        if name in choice.sources:
            host.preview(Command(("mv", f".deploy/{choice.sources[name]}/{name}", name), project))
    if checkout:
        host.preview(Command(("git", *checkout), project))
    host.preview(Command(("pm2", "reload", *apps), project))
