"""The lockfile of a shape: made by its package manager once, and kept for the account."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from sandbox.commands import run
from sandbox.shelf import _alone, _tools_env, shelf
from tests.e2e.shapes.shape import Shape
from tests.support.package_managers import programs_of

# The package of the manager, its program, its lockfile, and what makes that without an install.
MANAGERS: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "npm": ("", "npm", "package-lock.json", ("install", "--package-lock-only")),
    "pnpm": ("pnpm@10", "pnpm", "pnpm-lock.yaml", ("install", "--lockfile-only")),
    "yarn": ("@yarnpkg/cli-dist@4", "yarn", "yarn.lock", ("install", "--mode=update-lockfile")),
    "bun": ("bun@1", "bun", "bun.lock", ("install", "--lockfile-only")),
}
READ = ("package.json", ".yarnrc.yml", "pnpm-workspace.yaml")
CACHES = {".yarn": "yarn", ".bun": "bun", ".local/share/pnpm": "pnpm-store"}


def manager_folder(shape: Shape) -> Path | None:
    """Return the folder of the shape's package manager; None for npm, which comes with node."""
    package = MANAGERS[shape.manager][0]
    return programs_of(package) if package else None


def lockfile(shape: Shape) -> dict[str, str]:
    """Return the lockfile by its path in the repository."""
    files = {name: text for name, text in shape.source().items() if name.endswith(READ)}
    name = MANAGERS[shape.manager][2]
    key = sha256(repr((MANAGERS[shape.manager], sorted(files.items()))).encode()).hexdigest()[:16]
    with _alone("lockfiles") as folder:
        kept = folder / f"{shape.name}-{key}"
        if not kept.exists():
            folder.mkdir(exist_ok=True)
            kept.write_text(_made(shape, files))
        return {f"{shape.folder}{name}": kept.read_text()}


def _made(shape: Shape, files: Mapping[str, str]) -> str:
    _, program, name, argv = MANAGERS[shape.manager]
    programs = manager_folder(shape)
    with tempfile.TemporaryDirectory() as place:
        top = Path(place) / shape.folder
        for path, text in files.items():
            (file := Path(place) / path).parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        env = _tools_env() | {"YARN_ENABLE_IMMUTABLE_INSTALLS": "false"}
        if programs:
            env["PATH"] = os.pathsep.join([str(programs), env["PATH"]])
        run([program, *argv], cwd=top, env=env)
        return (top / name).read_text()


def share_caches(home: Path) -> None:
    """Let the package managers of a home use the caches that all sandboxes share."""
    for name, kept in CACHES.items():
        (target := shelf() / "caches" / kept).mkdir(parents=True, exist_ok=True)
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).symlink_to(target)
