"""The table of hostile archives: each breaks one rule, and no other."""

import gzip

from tests.support.hostile_archives import (
    DIST,
    END,
    by_tarfile,
    directory,
    file,
    hard,
    head,
    note,
    octal,
    packed,
    padded,
    pax,
    record,
    symlink,
    told,
)

GOOD = directory() + file(b"dist/a")
NAMES = {
    "absolute": b"/tmp/ops-evil",
    "absolute inside": b"/dist/a",
    "parent": b"../evil",
    "parent inside": b"dist/../../evil",
    "parent that comes back": b"dist/../dist/b",
    "parent at the end": b"dist/..",
    "dot": b"./dist/b",
    "dot inside": b"dist/./b",
    "empty": b"",
    "double slash": b"dist//b",
    "trailing slash on a file": b"dist/b/",
    "other place": b"src/index.js",
    "hooks of git": b".git/hooks/post-checkout",
    "own directory": b".deploy/key",
    "prefix of a place": b"distx/b",
    "place with a dot": b"dist.js",
    "part of a place": b"dis",
    "backslash parent": b"..\\dist\\b",
}
NAMED = {name: GOOD + file(path) for name, path in NAMES.items()}
KINDS = {
    "character device": GOOD + head(b"dist/null", b"3"),
    "block device": GOOD + head(b"dist/sda", b"4"),
    "fifo": GOOD + head(b"dist/pipe", b"6"),
    "device by tarfile": by_tarfile(type=b"3", devmajor=1, devminor=3),
    "unknown type": GOOD + head(b"dist/z", b"Z"),
    "GNU sparse": GOOD + head(b"dist/s", b"S"),
    "GNU multi-volume": GOOD + head(b"dist/m", b"M"),
    "GNU dump directory": GOOD + head(b"dist/d", b"D"),
    "GNU volume label": GOOD + head(b"dist", b"V"),
    "setuid": GOOD + file(b"dist/su", mode=octal(0o4755, 8)),
    "setgid": GOOD + file(b"dist/sg", mode=octal(0o2755, 8)),
    "setuid by tarfile": by_tarfile(mode=0o6755),
    "mode no number": GOOD + file(b"dist/m", mode=b"rwxr-xr\0"),
    "mode in base 256": GOOD + file(b"dist/m", mode=b"\x80\0\0\0\0\0\x09\xed"),
    "time no number": GOOD + file(b"dist/t", mtime=b"yesterday\0\0\0"),
    "time before all time": GOOD + file(b"dist/t", mtime=b"\xff" * 4 + b"\x80" + b"\0" * 7),
    "time after all time": GOOD + file(b"dist/t", mtime=b"\x80" + b"\xff" * 11),
    "file and then directory": GOOD + directory(b"dist/a/"),
    "directory and then file": GOOD + directory(b"dist/d/") + file(b"dist/d"),
    "file twice": GOOD + file(b"dist/a"),
    "directory twice": GOOD + directory(),
    "link twice": GOOD + symlink(b"dist/l", b"a") + symlink(b"dist/l", b"a"),
    "behind a file": GOOD + file(b"dist/a/b"),
    "place is a file and behind it": file(DIST) + file(b"dist/a"),
    "content of a directory": GOOD + head(b"dist/d/", b"5", 1) + padded(b"x"),
    "content of a link": GOOD + head(b"dist/l", b"2", 1, link=b"a") + padded(b"x"),
    "content of a hard link": GOOD + head(b"dist/h", b"1", 1, link=b"dist/a") + padded(b"x"),
    "a member hidden in a link": GOOD + head(b"dist/l", b"2", 1024, link=b"a") + file(b"dist/c"),
}
LINKS = {
    "link and file through it": symlink(b"dist", b"/tmp") + file(b"dist/evil"),
    "link inside and file through it": GOOD + symlink(b"dist/l", b".") + file(b"dist/l/b"),
    "file and link in its way": GOOD + file(b"dist/d/f") + symlink(b"dist/d", b"/tmp"),
    "link to nothing": GOOD + symlink(b"dist/l", b""),
    "link with NUL": GOOD + pax((b"linkpath", b"a\0/tmp")) + symlink(b"dist/l", b"a"),
    "link too long for a disk": GOOD + note(b"K", b"a/" * 3000 + b"\0") + symlink(b"dist/l", b"a"),
    "hard link to outside": GOOD + hard(b"dist/h", b"/etc/passwd"),
    "hard link to the parent": GOOD + hard(b"dist/h", b"../outside"),
    "hard link to the project": GOOD + hard(b"dist/h", b"keep.txt"),
    "hard link to a link": GOOD + symlink(b"dist/l", b"a") + hard(b"dist/h", b"dist/l"),
    "hard link to a later file": GOOD + hard(b"dist/h", b"dist/z") + file(b"dist/z"),
    "hard link to a directory": GOOD + hard(b"dist/h", DIST),
    "hard link to itself": GOOD + hard(b"dist/h", b"dist/h"),
    "hard link with a dot": GOOD + hard(b"dist/h", b"dist/./a"),
    "hard link to nothing": GOOD + hard(b"dist/h", b""),
    "hard link over a file": GOOD + file(b"dist/b") + hard(b"dist/b", b"dist/a"),
}
# An app of ours may hold such links; from elsewhere they are refused.
OUTWARD = {
    "absolute": GOOD + symlink(b"dist/l", b"/etc/passwd"),
    "parent": GOOD + symlink(b"dist/l", b"../../outside"),
    "far parent": GOOD + symlink(b"dist/l", b"../" * 30 + b"etc/passwd"),
    "parent in the middle": GOOD + symlink(b"dist/l", b"a/../../../outside"),
    "by a GNU long link": GOOD + note(b"K", b"/etc/passwd\0") + symlink(b"dist/l", b"a"),
    "by pax": GOOD + pax((b"linkpath", b"/etc/passwd")) + symlink(b"dist/l", b"a"),
    "place itself": symlink(DIST, b"/etc"),
    "through another link": GOOD
    + symlink(b"dist/deep/far/up", b"../..")
    + symlink(b"dist/l", b"deep/far/up/../../outside"),
    "through a later link": GOOD
    + symlink(b"dist/l", b"deep/far/up/../../outside")
    + symlink(b"dist/deep/far/up", b"../.."),
    "through a link of another part": GOOD
    + symlink(b"dist/l", b"../node_modules/up/../../outside")
    + symlink(b"node_modules/up", b"../dist"),
    "through a link on the disk": GOOD + symlink(b"dist/l", b"../current/secret"),
}
NOTES = {
    "pax path out": GOOD + pax((b"path", b"../evil")) + file(b"dist/b"),
    "pax path absolute": GOOD + pax((b"path", b"/tmp/ops-evil")) + file(b"dist/b"),
    "pax path empty": GOOD + pax((b"path", b"")) + file(b"dist/b"),
    "pax path with NUL": GOOD + pax((b"path", b"dist/b\0/../../x")) + file(b"dist/b"),
    "pax path twice": GOOD + pax((b"path", b"dist/b"), (b"path", b"../evil")) + file(b"dist/b"),
    "pax path after a long name": GOOD
    + note(b"L", b"dist/c\0")
    + pax((b"path", b"../evil"))
    + file(b"dist/b"),
    "pax hard link out": GOOD + pax((b"linkpath", b"../outside")) + hard(b"dist/h", b"dist/a"),
    "pax size too large": GOOD + pax((b"size", b"999999999")) + file(b"dist/b"),
    "pax size negative": GOOD + pax((b"size", b"-1")) + file(b"dist/b"),
    "pax size no number": GOOD + pax((b"size", b"1e0")) + file(b"dist/b"),
    "pax size in hex": GOOD + pax((b"size", b"0x1")) + file(b"dist/b"),
    "pax size empty": GOOD + pax((b"size", b"")) + head(b"dist/b"),
    "pax size beyond all numbers": GOOD + pax((b"size", b"9" * 30)) + file(b"dist/b"),
    "pax size that hides a member": GOOD + pax((b"size", b"0")) + file(b"dist/b", file(b"src/b")),
    "pax sparse": GOOD + pax((b"GNU.sparse.name", b"dist/b")) + file(b"dist/b"),
    "pax for all": GOOD + pax((b"path", b"../evil"), kind=b"g") + file(b"dist/b"),
    "pax that ends early": GOOD + note(b"x", b"99 path=dist/b\n") + file(b"dist/b"),
    "pax without a length": GOOD + note(b"x", b"path=dist/b\n") + file(b"dist/b"),
    "pax with length zero": GOOD + note(b"x", b"0 path=dist/b\n") + file(b"dist/b"),
    "pax with a broken length": GOOD + note(b"x", b"1.5 path=d\n") + file(b"dist/b"),
    "pax with a length too short": GOOD + note(b"x", b"3 path=dist/b\n") + file(b"dist/b"),
    "pax without a value": GOOD + note(b"x", b"8 dist/\n") + file(b"dist/b"),
    "pax without an end of line": GOOD
    + note(b"x", record(b"path", b"dist/b")[:-1] + b"x")
    + file(b"dist/b"),
    "pax for nobody": GOOD + pax((b"path", b"dist/b")),
    "GNU name out": GOOD + note(b"L", b"../evil\0") + file(b"dist/b"),
    "GNU name absolute": GOOD + note(b"L", b"/tmp/ops-evil\0") + file(b"dist/b"),
    "GNU name empty": GOOD + note(b"L", b"\0") + file(b"dist/b"),
    "GNU name without end": GOOD + note(b"L", b"dist/" + b"n" * 507) + file(b"dist/b"),
    "GNU name too long": GOOD + note(b"L", b"dist/" + b"n/" * 4000 + b"n\0") + file(b"dist/b"),
    "GNU name too long for a disk": GOOD
    + note(b"L", b"dist/" + b"n" * 300 + b"\0")
    + file(b"dist/b"),
    "GNU name as deep as can be": GOOD
    + note(b"L", b"dist" + b"/n" * 2045 + b"\0")
    + file(b"dist/b"),
    "GNU name of two megabytes": GOOD + note(b"L", b"d" * (2 << 20)) + file(b"dist/b"),
    "GNU link out": GOOD + note(b"K", b"../outside\0") + hard(b"dist/h", b"dist/a"),
    "prefix out": GOOD + file(b"dist/b", prefix=b"../.."),
    "prefix absolute": GOOD + file(b"dist/b", prefix=b"/tmp"),
}
SIZES = {
    "size negative": GOOD + file(b"dist/b", size=b"\xff" * 12),
    "size of exabytes": GOOD + file(b"dist/b", size=b"\x80" + b"\0" * 3 + b"\x7f" + b"\xff" * 7),
    "size beyond eight bytes": GOOD + file(b"dist/b", size=b"\x80\0\0\1" + b"\0" * 7 + b"\1"),
    "size no number": GOOD + file(b"dist/b", size=b"12345678xyz\0"),
    "size decimal": GOOD + file(b"dist/b", size=b"00000000009\0"),
    "size too large": GOOD + file(b"dist/b", size=octal(99999, 12)),
    "size a little too large": GOOD + file(b"dist/b", size=octal(513, 12)),
    "checksum wrong": GOOD + file(b"dist/b", sum=b"000001\0 "),
    "checksum no number": GOOD + file(b"dist/b", sum=b"xxxxxx\0 "),
    "checksum empty": GOOD + file(b"dist/b", sum=b"\0" * 8),
    "no header at all": GOOD + b"#!/bin/sh\n" * 60,
}
TARS = {name: tar for table in (NAMED, KINDS, LINKS, NOTES, SIZES) for name, tar in table.items()}


def wholes():
    """Return the archives that are wrong as a whole: name to bytes and manifest."""
    good = gzip.compress(GOOD + END)
    one = {"entries": 2, "plain_bytes": 1 << 16}
    return {
        "more entries than told": packed(GOOD, entries=1),
        "fewer entries than told": packed(GOOD, entries=3),
        "more bytes than told": packed(GOOD + file(b"dist/b", bytes(200_000)), plain_bytes=4096),
        "other digest": packed(GOOD, sha256="0" * 64),
        "no digest": packed(GOOD, sha256=""),
        "no end": packed(GOOD, b""),
        "half an end": packed(GOOD, END[:512]),
        "end in the middle": packed(GOOD, END + file(b"dist/b"), entries=3),
        "one zero block and more": packed(GOOD, END[:512] + file(b"dist/b"), entries=3),
        "an end of odd length": packed(GOOD, END + b"\0"),
        "two tars": told(gzip.compress((GOOD + END) + (file(b"dist/b") + END)), entries=3),
        "two archives": told(good + gzip.compress(file(b"dist/b") + END), entries=3),
        "text after the end": told(good + b"#!/bin/sh\n", **one),
        "zeros after the end": told(good + bytes(512), **one),
        "zeros and text after the end": told(good + bytes(512) + b"#!/bin/sh\n" * 500, **one),
        "half a gzip after the end": told(good + good[:20], **one),
        "cut off": told(good[:-9], **one),
        "checksum of the gzip": told(good[:-8] + b"\0\0\0\0" + good[-4:], **one),
        "empty file": told(b"", entries=0),
        "no gzip": told(GOOD + END, **one),
        "a script": told(b"#!/bin/sh\nexit 0\n", **one),
        "zip": told(b"PK\3\4" + bytes(600), **one),
        "nothing in it": packed(b"", b"", entries=0),
        "bomb": bomb(),
        "bomb of zeros behind the end": bomb(GOOD + END, entries=2, plain_bytes=1 << 16),
        "bomb of names": packed(GOOD + note(b"L", b"dist/" + b"n" * (1 << 19)) * 60, entries=2),
    }


def bomb(first=b"", size=1 << 30, **change):
    """Return a gigabyte of zeros in a megabyte, and what its manifest says."""
    piece = gzip.compress(bytes(1 << 26), 9)
    start = first or head(b"dist/zero", b"0", size - 512)
    more = {"entries": 1, "plain_bytes": 1 << 16, **change}
    return told(gzip.compress(start) + piece * (size >> 26), **more)
