"""Names of backups, as people type them."""

from __future__ import annotations


def backup_name(name: str) -> str:
    """Return the name of a backup from what a person typed, which may be the archive's file."""
    return name.rpartition("/")[2].removesuffix(".tar.gz").removesuffix(".json")
