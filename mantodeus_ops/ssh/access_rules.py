"""Finds files that other accounts can use, each with the chmod that fixes it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mantodeus_ops.findings import Finding

_STICKY = 0o1000
_GROUP, _READ, _WRITE = 0o070, 0o077, 0o022


@dataclass(frozen=True, slots=True)
class Access:
    """A path: its kind, its mode, and whether its group has no other member."""

    what: str  # pm2, socket, env, ssh, folder, ours
    path: str
    mode: int
    alone: bool = False


# Of each kind of place: what others may not do there, and what is said when they may.
_RULES: dict[str, tuple[int, str]] = {
    "pm2": (_READ, "PM2's home {} is open to other accounts: it holds all variables"),
    "socket": (_WRITE, "other accounts can drive PM2 through {}"),
    "env": (_READ, "other accounts can read {}"),
    "ssh": (_WRITE, "other accounts can write {}, which says who is let in"),
    "folder": (_WRITE, "other accounts can write {}, and replace what lies in it"),
    "ours": (_READ, "{} is open to other accounts; the next change closes it"),
}


def access_findings(places: Iterable[Access], prefix: str = "") -> Iterator[Finding]:
    """Yield findings on open paths; `prefix` is put before commands for the host."""
    all_places = list(places)
    modes = {place.path: place.mode for place in all_places}
    for place in all_places:
        forbidden, text = _RULES[place.what]
        if _open_to(place, modes) & forbidden:
            message = f"{text.format(place.path)} (mode {place.mode:o})"
            yield Finding(message, f"{prefix}{_fix_command(place)}")


def _open_to(place: Access, modes: dict[str, int]) -> int:
    """Return the mode bits that grant access to others."""
    if place.what == "folder":
        # In a sticky one each has their own; a group of us alone is no other account.
        sticky = place.mode & _STICKY
        return 0 if sticky else place.mode & ~(_GROUP if place.alone else 0)
    if place.what == "socket":
        # Who may not enter the folder comes to no socket: of each class, the right to enter it.
        enter = modes.get(_folder(place), 0o777) & 0o011
        return place.mode & enter << 1
    return place.mode


def _fix_command(place: Access) -> str:
    """Return the fix; PM2 resets the mode of its sockets at each start, but not of its home."""
    if place.what == "socket":
        return f"chmod 700 {shlex.quote(_folder(place))}"
    change = "go-w" if place.what in {"folder", "ssh"} else f"{place.mode & 0o700:o}"
    return f"chmod {change} {shlex.quote(place.path)}"


def _folder(place: Access) -> str:
    return place.path.rpartition("/")[0]
