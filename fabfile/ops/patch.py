"""Saves the edits on the host before a deploy replaces them: nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable

from ..host.door import Host


def save_patch(host: Host, run: str, touched: Iterable[str]) -> int:
    """Save these files of the work tree as a patch and say where; return how many there are."""
    names = list(touched)
    if names:
        saved = host.tell("patch", names=names, run=run, backup_dir=host.app.backup_dir)
        host.note(f"the host's own changes are saved in {saved['file']}")
    return len(names)
