"""This tool as files: where it lies here, what it needs, and all of it packed for a host."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from ..pure.errors import OpsError
from ..pure.tool import needed

_HOUSE = Path(__file__).resolve().parents[1]
ROOT = _HOUSE.parent  # what PYTHONPATH must name
_KINDS = {".py", ".js", ".sh"}


@dataclass(frozen=True, slots=True)
class Package:
    """The tool's files as a .tar, and the digest of it."""

    plain: bytes
    digest: str

    @property
    def archive(self) -> bytes:
        """Return the files as a .tar.gz, which only a host that lacks them needs."""
        return gzip.compress(self.plain, mtime=0)


@cache
def package() -> Package:
    """Return this tool's own files, packed; the same files have the same digest."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for file in sorted(one for one in _HOUSE.rglob("*") if one.suffix in _KINDS):
            data = file.read_bytes()
            member = tarfile.TarInfo(str(file.relative_to(ROOT)))
            member.size, member.mode = len(data), 0o600
            tar.addfile(member, io.BytesIO(data))
    plain = packed.getvalue()
    return Package(plain, hashlib.sha256(plain).hexdigest())


def requirements() -> tuple[str, ...]:
    """Return what the tool needs of other packages, as pip takes it; raise OpsError."""
    project = ROOT / "pyproject.toml"
    if project.exists():
        listed = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
        if listed.get("name") == "mantodeus-ops":
            return needed(listed["dependencies"])
    try:
        return needed(requires("mantodeus-ops") or ())
    except PackageNotFoundError:
        message = f"nothing beside {_HOUSE} says which packages the tool needs"
        raise OpsError(message, "pip install .  # in a checkout of mantodeus-ops") from None
