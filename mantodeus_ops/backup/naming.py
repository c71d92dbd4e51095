"""Parses names of backups that were typed."""

from __future__ import annotations


def backup_name(name: str) -> str:
    """Return the name of a backup from typed text, which may be the file name of its archive."""
    return name.rpartition("/")[2].removesuffix(".tar.gz").removesuffix(".json")
