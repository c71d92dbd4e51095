"""Paths of the inventory that are relative to root, the folder of the app in its clone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

# All other paths are relative to project_dir, where git and the backups are.
BELOW_ROOT: Mapping[str, object] = {
    "env_file": ".env",
    "env_example": ".env.example",
    "ecosystem": "",
    "build_outputs": (),
    "shared_paths": (),
    "stage_files": (),
    "assets": (),
}


def below_root(settings: Mapping[str, object]) -> dict[str, object]:
    """Return the settings with all paths relative to project_dir."""
    every = {**BELOW_ROOT, **settings}
    root = str(settings.get("root", ""))
    return {**settings, **({key: _joined(root, every[key]) for key in BELOW_ROOT} if root else {})}


def as_written(root: str, key: str, value: object) -> object:
    """Return a setting as the inventory has it."""
    if not root or key not in BELOW_ROOT:
        return value
    if isinstance(value, tuple):
        return tuple(_relative(root, path) for path in value)
    return _relative(root, str(value))


def _joined(root: str, value: object) -> object:
    if isinstance(value, tuple):
        return tuple(str(PurePosixPath(root, path)) for path in value)
    return str(PurePosixPath(root, str(value))) if value else ""


def _relative(root: str, path: str) -> str:
    return path.removeprefix(f"{root}/")
