"""Reads files whose content becomes commands or trust: opened once, and asked by the handle.

An account that owns a folder on the way, or may write in it, can put another file in the place
of this one. So each of these folders is looked at first, through all links: after that, only
accounts that are trusted anyway can change what is opened. What else a name may lead to (a pipe, a
directory, 200 MB) is refused before a byte of it is read.
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

NAMED = "OPS_INVENTORY"  # the variable by which a person says which inventory to trust
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
    """How much is asked of a file, and which kind of error says that it is not to be trusted."""

    refusal: type[OpsError]
    hint: str = ""  # the way out where a place belongs to another account
    private: bool = False  # whether the file must be ours, and closed to all others
    most: int = MOST_BYTES

    def read(self, path: Path) -> bytes:
        """Return the content; raise the refusal, or OSError when the file cannot be opened."""
        for place in on_the_way(path):
            self._judge(place, place.lstat())
        return read_file(path, self.refusal, self.most, self._judge)

    def text(self, path: Path) -> str:
        """Return the content as text; raise as `read` does, or UnicodeDecodeError."""
        return self.read(path).decode()

    def _judge(self, place: Path, found: os.stat_result) -> None:
        """Raise the refusal when another account may change what this place is or holds."""
        private = self.private and stat.S_ISREG(found.st_mode)
        mode = f"(mode {stat.S_IMODE(found.st_mode):o})"
        if found.st_uid not in ({os.geteuid()} if private else _owners()):
            message = f"{place} belongs to another account (uid {found.st_uid})"
            hint = self.hint or f"sudo chown {os.geteuid()} {_quoted(place)}"
            raise self.refusal(f"{message}, which can change it at any time", hint)
        if private and found.st_mode & _OTHERS_READ:
            raise self.refusal(f"others can read {place} {mode}", f"chmod 600 {_quoted(place)}")
        if others := _who_writes(found):
            hint = f"chmod {others}-w {_quoted(place)}"
            raise self.refusal(f"others can write {place} {mode}", hint)


def read_file(
    path: Path,
    refusal: type[OpsError],
    most: int = MOST_BYTES,
    judge: Callable[[Path, os.stat_result], None] | None = None,
) -> bytes:
    """Return the content of a file, judged by its open handle; raise the refusal, or OSError."""
    handle = os.open(path, _FLAGS)
    try:
        found = os.fstat(handle)
        if kind := _KINDS.get(stat.S_IFMT(found.st_mode)):
            raise refusal(f"{path} is {kind}, not a file", f"ls -ld {_quoted(path)}")
        if found.st_size > most:
            size, limit = human_bytes(found.st_size), human_bytes(most)
            message = f"{path} is too large: it has {size}, and at most {limit} are read"
            raise refusal(message, f"head -c 300 {_quoted(path)}")
        if judge:
            judge(path, found)
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(most)
    finally:
        os.close(handle)


def spelled_out(named: str) -> Path:
    """Return the path with its `~` spelled out; that of an unknown account stays as it is."""
    return Path(os.path.expanduser(named))  # noqa: PTH111 - pathlib raises where there is no home


def on_the_way(path: Path) -> Iterator[Path]:
    """Yield each folder, and each link, by which the name leads to its file; raise OSError."""
    steps = list(reversed((Path.cwd() / path).parts))
    place, links = Path(steps.pop()), 0
    yield place
    while steps:
        step = steps.pop()
        place = place.parent if step == ".." else place / step
        if place.is_symlink():
            yield place
            links += 1
            steps += reversed(place.readlink().parts)  # an absolute one begins anew, as its / does
            place = place.parent
        elif steps:
            yield place
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _owners() -> set[int]:
    """Return us, who can do everything here anyway, and the owner of what a person named."""
    named = os.environ.get(NAMED)
    owners = {os.geteuid(), 0}
    for known in ("/", *([named] if named else [])):
        with suppress(OSError):
            owners.add(spelled_out(known).stat().st_uid)
    return owners


def _who_writes(found: os.stat_result) -> str:
    """Return for chmod who else may write there; in a sticky folder each has their own."""
    sticky = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
    if stat.S_ISLNK(found.st_mode) or sticky:
        return ""
    group = found.st_mode & stat.S_IWGRP and not _is_ours_alone(found.st_gid)
    return ("g" if group else "") + ("o" if found.st_mode & stat.S_IWOTH else "")


def _is_ours_alone(gid: int) -> bool:
    """Return whether the group has no other member: many systems give each account such a group."""
    import grp  # noqa: PLC0415 - only POSIX has it
    import pwd  # noqa: PLC0415

    if gid == 0 or os.environ.get(NAMED):
        return True
    if gid != os.getegid():
        return False
    try:
        group, name = grp.getgrgid(gid), pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return True  # a number without a name has no other member
    return group.gr_name == name and set(group.gr_mem) <= {name}


def _quoted(place: Path) -> str:
    return shlex.quote(str(place))
