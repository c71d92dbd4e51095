"""Validates backups that are copied between machines: name, size and manifest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mantodeus_ops.backup.naming import backup_name
from mantodeus_ops.errors import HostError, UsageError
from mantodeus_ops.json_types import JsonObject

_NAME = re.compile(r"backup-[0-9]{8}-[0-9]{6}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
LARGEST_MANIFEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive of a backup: name, size and digest."""

    name: str
    bytes: int
    sha256: str


def check_offer(manifest: Mapping[str, object]) -> Archive:
    """Return the archive that a host offers; raise HostError when that cannot be one.

    The name becomes a local path, so it is checked.
    """
    name, size, sha256 = (manifest.get(key) for key in ("name", "bytes", "sha256"))
    sound = isinstance(size, int) and not isinstance(size, bool) and size > 0
    if sound and _matches(_NAME, name) and _matches(_DIGEST, sha256):
        return Archive(str(name), int(str(size)), str(sha256))
    raise HostError("the manifest on the host is damaged", "backup.verify")


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def name_of_file(file: str) -> str:
    """Return the backup's name from its file name; raise UsageError for another name."""
    name = backup_name(file)
    if _NAME.fullmatch(name):
        return name
    raise UsageError(
        f"{name!r} is not the name of a backup", f"mv {file} backup-YYYYMMDD-HHMMSS.tar.gz"
    )


def parse_manifest(text: str) -> JsonObject:
    """Return the manifest in this JSON; empty when it is invalid."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
