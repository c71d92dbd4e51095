"""A `node_modules` of the size that real apps have: big packages added to the sandbox's app."""

from __future__ import annotations

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.commands import base_env, run
from sandbox.shelf import APP, npm_env, shelf

from .samples import BenchError

ENOUGH_FILES = 30_000
INSTALL_SECONDS = 1200
BIG = {
    "@mui/icons-material": "5.18.0",
    "@tensorflow/tfjs": "4.22.0",
    "aws-sdk": "2.1692.0",
    "date-fns": "4.4.0",
    "googleapis": "144.0.0",
    "lodash-es": "4.18.1",
    "monaco-editor": "0.52.2",
    "typescript": "5.9.3",
}
SMALL = "is-number"
MANIFESTS = ("package.json", "package-lock.json")


def big_app() -> dict[str, str]:
    """Return the manifests of the app with the big packages, which npm's cache then holds.

    Resolved and fetched once for an account. Raise BenchError when that makes too few files.
    """
    wanted = sha256((json.dumps(BIG) + (APP / MANIFESTS[1]).read_text()).encode()).hexdigest()[:12]
    folder = shelf() / f"bench-{wanted}"
    if not folder.exists():
        _fetch(folder.with_suffix(".new")).rename(folder)
    return {name: (folder / name).read_text() for name in MANIFESTS}


def _fetch(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in (*MANIFESTS, ".npmrc"):
        shutil.copy(APP / name, folder / name)
    packages = [f"{name}@{version}" for name, version in BIG.items()]
    argv = ["npm", "install", "--save-exact", "--ignore-scripts", *packages]
    run(argv, cwd=folder, env=base_env(shelf()) | npm_env(), timeout=INSTALL_SECONDS)
    files, _ = size(folder / "node_modules")
    if files < ENOUGH_FILES:
        raise BenchError(f"the big packages are {files} files, not {ENOUGH_FILES}")
    shutil.rmtree(folder / "node_modules")
    return folder


def size(folder: Path) -> tuple[int, int]:
    """Return how many files a folder holds, and their bytes."""
    sizes = [
        os.lstat(Path(place) / name).st_size
        for place, _, names in os.walk(folder)
        for name in names
    ]
    return len(sizes), sum(sizes)


def with_one_more(app: Path) -> dict[str, str]:
    """Return the manifests of this app with a small dependency more, or less when it is there."""
    env = base_env(shelf()) | npm_env()
    there = SMALL in json.loads((app / MANIFESTS[0]).read_text())["dependencies"]
    change = ["uninstall", SMALL] if there else ["install", "--save-exact", f"{SMALL}@7.0.0"]
    with TemporaryDirectory() as folder:
        for name in (*MANIFESTS, ".npmrc"):
            shutil.copy(app / name, folder)
        run(["npm", "cache", "add", f"{SMALL}@7.0.0"], env=env)
        run(["npm", *change, "--package-lock-only", "--ignore-scripts"], cwd=Path(folder), env=env)
        return {name: (Path(folder) / name).read_text() for name in MANIFESTS}
