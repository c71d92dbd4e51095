"""Packs this tool's files as an archive for a host."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from mantodeus_ops.errors import OpsError
from mantodeus_ops.webhook.self_install_plan import runtime_requirements

_HOUSE = Path(__file__).resolve().parents[1]
ROOT = _HOUSE.parent  # what PYTHONPATH must name
_TASKS = ROOT / "fabfile"  # of a checkout; the wheel has them in the house
_KINDS = {".py", ".js", ".sh"}


@dataclass(frozen=True, slots=True)
class ToolArchive:
    """The tool's files as a .tar, and the digest of it."""

    plain: bytes
    digest: str

    @property
    def archive(self) -> bytes:
        """Return the files as a .tar.gz, which only a host that lacks them needs."""
        return gzip.compress(self.plain, mtime=0)


@cache
def tool_archive() -> ToolArchive:
    """Return this tool's own files, packed; the same files have the same digest."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, file in sorted(_files()):
            data = file.read_bytes()
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o600
            tar.addfile(member, io.BytesIO(data))
    plain = packed.getvalue()
    return ToolArchive(plain, hashlib.sha256(plain).hexdigest())


def _files() -> Iterator[tuple[str, Path]]:
    """Yield the tool's files by their names in the package, which is laid out as the wheel is."""
    for file in _HOUSE.rglob("*"):
        if file.suffix in _KINDS:
            yield str(file.relative_to(ROOT)), file
    for file in _TASKS.glob("*.py"):
        yield f"{_HOUSE.name}/tasks/{file.name}", file


def requirements() -> tuple[str, ...]:
    """Return what the tool needs of other packages, as pip takes it; raise OpsError."""
    project = ROOT / "pyproject.toml"
    if project.exists():
        listed = tomllib.loads(project.read_text(encoding="utf-8")).get("project", {})
        if listed.get("name") == "mantodeus-ops":
            return runtime_requirements(listed["dependencies"])
    try:
        return runtime_requirements(requires("mantodeus-ops") or ())
    except PackageNotFoundError:
        message = f"nothing beside {_HOUSE} says which packages the tool needs"
        raise OpsError(message, "pip install .  # in a checkout of mantodeus-ops") from None
