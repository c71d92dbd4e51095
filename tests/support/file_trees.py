"""Trees that are hard to back up, and what a tree is to the last byte."""

import os
import stat
from contextlib import suppress

LONG = b"/".join([b"n" * 99, b"o" * 99, b"p" * 99])
ODD = (
    b"new\nline",
    b"-rf",
    b"\x1b[31mred",
    b"caf\xe9\xff",
    b" space ",
    b"'\"$`\\",
    b"\xe2\x82\xac",
)


def snapshot(root, *names):
    """Return what lies below these names: kind, mode, content or target, second of each entry.

    Hard links are told by the first name of their group; pipes and sockets are no part of it.
    """
    found, groups = {}, {}
    for name in names or sorted(os.listdir(root)):
        _look(os.fsencode(root), os.fsencode(name), found, groups)
    return found


def _look(root, name, found, groups):
    """Look at one entry and below it; what a background rm takes away meanwhile is left out."""
    with suppress(FileNotFoundError):
        _look_at(root, name, found, groups)


def _look_at(root, name, found, groups):
    path = os.path.join(root, name)
    seen = os.lstat(path)
    if stat.S_ISFIFO(seen.st_mode) or stat.S_ISSOCK(seen.st_mode):
        return
    content = first = None
    if stat.S_ISLNK(seen.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(seen.st_mode):
        with open(path, "rb") as file:
            content = file.read()
        first = groups.setdefault(seen.st_ino, name) if seen.st_nlink > 1 else None
    found[name] = (oct(seen.st_mode), content, first, int(seen.st_mtime))
    if stat.S_ISDIR(seen.st_mode):
        for entry in sorted(os.listdir(path)):
            _look(root, os.path.join(name, entry), found, groups)


def write(path, content=b"", mode=0o644, mtime=1_500_000_000.25):
    """Write a file with its directories."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)
    os.utime(path, (mtime, mtime))


def awkward(root):
    """Fill dist and node_modules with everything that a tree may legally hold."""
    dist = os.path.join(os.fsencode(root), b"dist")
    for number, odd in enumerate(ODD):
        write(os.path.join(dist, odd), b"%d" % number)
        write(os.path.join(dist, b"d" + odd, odd), odd)
        os.symlink(odd, os.path.join(dist, b"l" + odd))
    write(os.path.join(dist, LONG), b"far away")
    write(os.path.join(dist, b"h" * 100), b"just fits")
    write(os.path.join(dist, b"h" * 101), b"just does not")
    write(os.path.join(dist, b"future"), b"", mtime=2**34)
    write(os.path.join(dist, b"past"), b"", mtime=0)
    os.mkdir(os.path.join(dist, b"empty"))
    os.symlink(b"../../gone/" + LONG, os.path.join(dist, b"dangling"))
    os.symlink(b"/nowhere", os.path.join(dist, b"absolute"))
    modes(dist)
    hard_links(os.fsencode(root))


def modes(dist):
    """Add an entry of each mode, and one file of more than two blocks."""
    for mode in (0o400, 0o755, 0o644, 0o600):
        write(os.path.join(dist, b"mode%o" % mode), b"m" * mode, mode)
    for mode in (0o1777, 0o2755, 0o555, 0o700):
        os.mkdir(os.path.join(dist, b"dir%o" % mode))
        os.chmod(os.path.join(dist, b"dir%o" % mode), mode)
    big = bytes(range(256)) * (9 << 12)
    write(os.path.join(dist, b"big"), big + b"odd end")


def hard_links(root):
    """Add names for one file, with long names too, in the part that an app never changes."""
    first = os.path.join(root, b"node_modules", b"a", b"first")
    write(first, b"shared")
    write(os.path.join(root, b"node_modules", b"b", LONG), b"shared far away")
    os.link(first, os.path.join(root, b"node_modules", b"b", b"second"))
    os.link(first, os.path.join(root, b"node_modules", b"z"))
    os.link(
        os.path.join(root, b"node_modules", b"b", LONG),
        os.path.join(root, b"node_modules", b"b", b"y" * 120),
    )
