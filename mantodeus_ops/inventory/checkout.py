"""Reads the files of a local checkout from which an entry of the inventory is proposed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from mantodeus_ops.inventory.detect import CONFIGURATION, PROCESS_FILE, SOURCE, Checkout
from mantodeus_ops.lockfiles import MANAGER_OF
from mantodeus_ops.text.sanitize import trimmed

_MOST_FILES = 2000
_MOST_BYTES = 200_000
# What an address may hold of a login: a user where the address is that of an SSH server.
_SECRET_IN_URL = re.compile(r"(?<=^https://)[^/@]*@|(?<=^http://)[^/@]*@|(?<=://)[^/:@]*:[^/@]*@")
_NAMES = {"package.json", ".env.example"}


def read_checkout(folder: Path) -> Checkout:
    """Return what a checkout says about its app; raise OSError if it is no folder."""
    top = folder.resolve(strict=True)
    listed = _git(top, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    names = [name for name in listed if name and "node_modules/" not in name] or _without_git(top)
    wanted = sorted(filter(_is_read, names), key=lambda name: (name.count("/"), name))
    files = {name: _text(top / name) for name in wanted[:_MOST_FILES]}
    return Checkout(top.name, files, _repository(top), _branch(top))


def _is_read(name: str) -> bool:
    last = name.rpartition("/")[2]
    known = last in _NAMES or last in MANAGER_OF or PROCESS_FILE.fullmatch(last)
    return bool(known or CONFIGURATION.search(name) or SOURCE.search(name))


def _text(file: Path) -> str:
    """Return the text of a file; empty for a lockfile, of which only the name counts."""
    try:
        if file.name in MANAGER_OF or file.stat().st_size > _MOST_BYTES:
            return ""
        return file.read_text("utf-8", errors="replace")
    except OSError:
        return ""


def _without_git(top: Path) -> list[str]:
    found = (path for pattern in ("*", "*/*") for path in sorted(top.glob(pattern)))
    names = [str(path.relative_to(top)) for path in found if path.is_file()]
    return [name for name in names if "node_modules/" not in name]


def _repository(top: Path) -> str:
    """Return the remote without a login: the inventory holds no secret."""
    return _SECRET_IN_URL.sub("", trimmed(_git(top, "remote", "get-url", "origin")))


def _branch(top: Path) -> str:
    head = trimmed(_git(top, "symbolic-ref", "--short", "refs/remotes/origin/HEAD"))
    own = trimmed(_git(top, "symbolic-ref", "--short", "HEAD"))
    return head.removeprefix("origin/") or own or "main"


def _git(top: Path, *args: str) -> str:
    """Return what git says; empty if it fails or is not there."""
    argv = ["git", "-C", str(top), *args]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""
