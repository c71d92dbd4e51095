"""Reads files whose content becomes commands or trust, after checking who can change them.

An account that owns or may write a parent folder can replace the file. So every folder on the
path is checked first, through all links. The file is opened once and checked by its handle; a
pipe, a directory or a file that is too large is refused before it is read.
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mantodeus_ops.errors import OpsError
from mantodeus_ops.text.format import human_bytes

NAMED = "OPS_INVENTORY"  # the environment variable that names a trusted inventory
MOST_BYTES = 16 << 20

_MOST_LINKS = 40
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
_OTHERS_READ = 0o077
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class Trust:
    """Rules that a file must meet to be trusted, and the error class for a refusal."""

    refusal: type[OpsError]
    hint: str = ""  # what to do about a path owned by another account
    private: bool = False  # whether the file must have mode 600 and belong to this account
    most: int = MOST_BYTES

    def read(self, path: Path) -> bytes:
        """Return the content; raise the refusal, or OSError when it cannot be opened."""
        for part in on_the_way(path):
            self._judge(part, part.lstat())
        return read_file(path, self.refusal, self.most, self._judge)

    def text(self, path: Path) -> str:
        """Return the content as text; raise as `read` does, or UnicodeDecodeError."""
        return self.read(path).decode()

    def _judge(self, path: Path, status: os.stat_result) -> None:
        """Raise the refusal when another account may change or replace this path."""
        private = self.private and stat.S_ISREG(status.st_mode)
        mode = f"(mode {stat.S_IMODE(status.st_mode):o})"
        if status.st_uid not in ({os.geteuid()} if private else _owners()):
            message = f"{path} belongs to another account (uid {status.st_uid})"
            hint = self.hint or f"sudo chown {os.geteuid()} {_quoted(path)}"
            raise self.refusal(f"{message}, which can change it at any time", hint)
        if private and status.st_mode & _OTHERS_READ:
            raise self.refusal(f"others can read {path} {mode}", f"chmod 600 {_quoted(path)}")
        if others := _who_writes(status):
            hint = f"chmod {others}-w {_quoted(path)}"
            raise self.refusal(f"others can write {path} {mode}", hint)


def read_file(
    path: Path,
    refusal: type[OpsError],
    most: int = MOST_BYTES,
    judge: Callable[[Path, os.stat_result], None] | None = None,
) -> bytes:
    """Return the content of a file, checked by its open handle; raise the refusal or OSError."""
    handle = os.open(path, _FLAGS)
    try:
        status = os.fstat(handle)
        if kind := _KINDS.get(stat.S_IFMT(status.st_mode)):
            raise refusal(f"{path} is {kind}, not a file", f"ls -ld {_quoted(path)}")
        if status.st_size > most:
            size, limit = human_bytes(status.st_size), human_bytes(most)
            message = f"{path} is too large: it has {size}, and at most {limit} are read"
            raise refusal(message, f"head -c 300 {_quoted(path)}")
        if judge:
            judge(path, status)
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(handle)


def spelled_out(named: str) -> Path:
    """Return the path with `~` expanded; the `~` of an unknown account stays."""
    return Path(os.path.expanduser(named))  # noqa: PTH111 - pathlib raises where there is no home


def on_the_way(path: Path) -> Iterator[Path]:
    """Yield each folder and link on the path to a file; raise OSError."""
    steps = list(reversed((Path.cwd() / path).parts))
    current, links = Path(steps.pop()), 0
    yield current
    while steps:
        step = steps.pop()
        current = current.parent if step == ".." else current / step
        if current.is_symlink():
            yield current
            links += 1
            steps += reversed(current.readlink().parts)  # an absolute link starts again at /
            current = current.parent
        elif steps:
            yield current
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _owners() -> set[int]:
    """Return the trusted uids: this account, root, and the owner of the named inventory."""
    named = os.environ.get(NAMED)
    owners = {os.geteuid(), 0}
    for owned in ("/", *([named] if named else [])):
        with suppress(OSError):
            owners.add(spelled_out(owned).stat().st_uid)
    return owners


def _who_writes(status: os.stat_result) -> str:
    """Return the other writers in chmod's letters; none in a sticky folder."""
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    if stat.S_ISLNK(status.st_mode) or sticky:
        return ""
    group = status.st_mode & stat.S_IWGRP and not _is_ours_alone(status.st_gid)
    return ("g" if group else "") + ("o" if status.st_mode & stat.S_IWOTH else "")


def _is_ours_alone(gid: int) -> bool:
    """Return whether this account is the group's only member (a user private group)."""
    import grp  # noqa: PLC0415 - only POSIX has it
    import pwd  # noqa: PLC0415

    if gid == 0 or os.environ.get(NAMED):
        return True
    if gid != os.getegid():
        return False
    try:
        group, name = grp.getgrgid(gid), pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return True  # a group without a name has no other member
    return group.gr_name == name and set(group.gr_mem) <= {name}


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
