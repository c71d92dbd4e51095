"""Saves the edits on the host before a deploy replaces them: nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.remote.host import Host


def save_patch(host: Host, run: str, touched: Iterable[str]) -> int:
    """Save these files of the work tree as a patch and say where; return how many there are."""
    names = list(touched)
    if names:
        saved = host.call("deploy/save_patch", names=names, run=run, backup_dir=host.app.backup_dir)
        host.info(f"the host's own changes are saved in {saved['file']}")
    return len(names)
