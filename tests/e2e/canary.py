"""Secrets that must come out nowhere, and what looks for them everywhere."""

from __future__ import annotations

import base64
import os
import re
import secrets
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from sandbox.processes import everyone

# Where a secret is at home: the file itself, what was moved aside of it, and what is packed.
AT_HOME = re.compile(r"(^|/)\.env(\.\d+)?$|/pm2/logs/|\.tar\.gz(\.part)?$|/node_modules/")
YOUNG_SECONDS = 1.0
SELDOM = 20
# What the app would write if it printed its variables in every way that it knows.
TELL = """
const fs = require('fs');
const text = fs.readFileSync('.env', 'utf8');
const found = [...text.matchAll(/^\\w+=("[^"]*"|`[^`]*`|.*)$/gm)].map(([, raw]) => raw);
const values = found.map((raw) => raw.replace(/^["`]|["`]$/g, '').replaceAll('\\\\n', '\\n'));
const base64 = (value) => Buffer.from(value).toString('base64');
const ways = [String, JSON.stringify, encodeURIComponent, encodeURI, base64];
ways.push((one) => base64(`u:${one}`), (one) => Buffer.from(`:${one}`).toString('base64url'));
ways.push((one) => `'${one.replaceAll("'", "'\\\\''")}'`, (one) => require('util').inspect([one]));
module.exports = [text, base64(text), ...ways.flatMap((way) => values.map(way))].join('\\n');
"""
# Told by pieces, as reads and writes fall.
TELLING = """node -e "
for (const part of require('./tell.cjs').match(/[^]{1,97}/g)) require('fs').writeSync(1, part)
" """


class Canaries:
    """Secrets of every kind that an `.env` holds, each with a core that all spellings keep."""

    def __init__(self) -> None:
        plain, quoted, password, coded, *key = (secrets.token_hex(12) for _ in range(8))
        self.hook = secrets.token_hex(20)
        self.lines = {
            "PLAIN_TOKEN": plain,
            "QUOTED_SECRET": f'`it\'s "{quoted}" $HOME\\x %41 é&=+/`',
            "PRIMARY_DATABASE_URL": f"postgres://app:p%40{password}@127.0.0.1:5432/app?a=b",
            "CODED_KEY": f"ab+/{coded}/+==",
            "WEBHOOK_SECRET": self.hook,
            "SIGNING_KEY": '"-----BEGIN PRIVATE KEY-----\\n{}\\n-----END KEY-----\\n"'.format(
                "\\n".join(f"MII{core}/+" for core in key)
            ),
        }
        self.cores = (plain, quoted, password, coded, self.hook, *key)
        self._needles = re.compile(b"|".join(sorted(map(re.escape, self._spelled()))))

    def text(self) -> str:
        """Return the lines of an `.env` that holds them."""
        return "".join(f"{name}={value}\n" for name, value in self.lines.items())

    def found(self, data: bytes) -> bool:
        """Return whether one of them is in there, in any encoding."""
        return bool(self._needles.search(data))

    def _spelled(self) -> Iterator[bytes]:
        for core in map(str.encode, self.cores):
            yield core
            yield core[::-1]
            yield core.hex().encode()
            # What is around it changes the first two and the last two letters of it.
            yield from (base64.b64encode(bytes(at) + core)[4:-4] for at in range(3))


class Watch(threading.Thread):
    """Looks at every process while it lasts, and at what was written since it began."""

    def __init__(self, canaries: Canaries, folders: Iterable[Path]) -> None:
        super().__init__(daemon=True)
        self.canaries, self.folders = canaries, tuple(folders)
        self.leaks: set[str] = set()
        self.looks = 0
        self._since = 0.0
        self._over = threading.Event()
        self._known: dict[int, float] = {}

    def __enter__(self) -> Self:
        with tempfile.NamedTemporaryFile() as now:
            self._since = os.stat(now.name).st_ctime  # noqa: PTH116 - the disk's clock
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._over.is_set():
            now = time.monotonic()
            for pid in everyone():
                # One that has long been there may still become another program.
                young = now - self._known.setdefault(pid, now) < YOUNG_SECONDS
                if pid != os.getpid() and (young or self.looks % SELDOM == 0):
                    self._look(pid)
            self.looks += 1
            time.sleep(0.004)

    def _look(self, pid: int) -> None:
        for name in ("cmdline", "environ"):
            try:
                data = Path(f"/proc/{pid}/{name}").read_bytes()
            except OSError:
                continue
            self.saw(f"/proc/…/{name} of {data[:60]!r}", data)

    def saw(self, where: str, data: bytes | str) -> None:
        """Take note of where a secret was seen."""
        if self.canaries.found(data if isinstance(data, bytes) else data.encode()):
            self.leaks.add(where)

    def files(self) -> None:
        """Look at all that was written, but for where a secret is at home."""
        for folder in self.folders:
            for path in _below(folder):
                self._read(path)

    def _read(self, path: Path) -> None:
        try:
            seen = path.lstat()
            if path.is_symlink() or not path.is_file() or seen.st_uid != os.getuid():
                return
            if seen.st_ctime >= self._since:
                self.saw(str(path), path.read_bytes())
        except OSError:
            pass  # gone while we looked


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        if AT_HOME.search(f"{place}/"):
            folders.clear()
            continue
        for name in files:
            path = Path(place, name)
            if not AT_HOME.search(str(path)):
                yield path


def shared_folders() -> list[Path]:
    """Return where any program may leave what it likes."""
    return [Path(name) for name in {tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm"}]  # noqa: S108 - to look into
