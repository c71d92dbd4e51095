"""What is decided about a backup that changes machines: its name, its size, what is said of it."""

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
    """The bytes of a backup: under which name, how many, and their digest."""

    name: str
    bytes: int
    sha256: str


def offered(manifest: Mapping[str, object]) -> Archive:
    """Return the archive that a host offers; raise HostError when that cannot be one.

    The name becomes a path here, so a host may not choose it freely.
    """
    name, size, sha256 = (manifest.get(key) for key in ("name", "bytes", "sha256"))
    sound = isinstance(size, int) and not isinstance(size, bool) and size > 0
    if sound and _is(_NAME, name) and _is(_DIGEST, sha256):
        return Archive(str(name), int(str(size)), str(sha256))
    raise HostError("the manifest on the host is damaged", "backup.verify")


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def pushed_name(file: str) -> str:
    """Return the name of the backup that this file holds; raise UsageError when it has no such."""
    name = backup_name(file)
    if _NAME.fullmatch(name):
        return name
    raise UsageError(f"{name!r} is no name of a backup", f"mv {file} backup-YYYYMMDD-HHMMSS.tar.gz")


def said_of(text: str) -> JsonObject:
    """Return what the manifest beside an archive says; empty when it is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
