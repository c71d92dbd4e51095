"""Runs a program and all that it starts, and strikes at the k-th call that writes.

As in: python -m tests.faults.tracer '{"point": 7, "how": "kill", "below": "…", "log": "…"}' inv …

Every process of the tree is stopped before each such call, so the k-th call is the k-th of all of
them. What a call writes to must lie below a folder. A program that begins is a point too, so that
there is one between any two processes. Where everything dies, only a call that changes what lies
on the disk is one: a death before any other leaves what a death before the next of these does.
"""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.faults import kernel

ALL_CHILDREN = 0x40000000  # __WALL: threads too
AT_WORKING_FOLDER = 0xFFFFFF9C
STRUCK = 99
ROOM = {"write", "pwrite64", "writev", "pwritev", "open", "openat", "creat", "mkdir", "mkdirat"}
ROOM |= {"rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "fallocate"}
ROOM |= {"copy_file_range", "sendfile", "ftruncate"}
DEATHS = {"kill", "host"}
MAKES = {"mkdir", "mkdirat", "mknod", "mknodat", "link", "linkat", "symlink", "symlinkat"}
REMOVES = {"unlink", "unlinkat", "rmdir"}
SYNCS = {"fsync", "fdatasync"}


def changes(name: str, path: Path, flags: int) -> bool:
    """Return whether such a call, opening with these flags, changes what lies on the disk."""
    if name in MAKES:
        return not os.path.lexists(path)
    if name in REMOVES:
        return os.path.lexists(path) and not (name == "rmdir" and any(path.iterdir()))
    if name in {"open", "openat"}:
        return not path.exists() or bool(flags & os.O_TRUNC and path.is_file())
    return name not in SYNCS and not path.is_fifo()


class Tracer:
    """One program under the eyes of this process."""

    def __init__(self, told: dict[str, object]) -> None:
        self.point, self.how = int(str(told["point"])), str(told["how"])
        self.below, self.log = str(told["below"]), Path(str(told["log"]))
        self.match = re.compile(str(told.get("match", "")))
        self.lasting = bool(told.get("lasting"))
        self.seen, self.root, self.known, self.code = 0, 0, set[int](), 0
        self.struck = False

    def run(self, argv: list[str]) -> int:
        """Run it to the end of the whole tree; return the exit code of its root."""
        self.root = os.fork()
        if not self.root:
            kernel.become_traced()
            os.execvp(argv[0], argv)  # noqa: S606 - words, and no shell
        os.waitpid(self.root, ALL_CHILDREN)
        kernel.ptrace(kernel.SET_OPTIONS, self.root, 0, kernel.ALL_OPTIONS)
        self.known.add(self.root)
        kernel.ptrace(kernel.CONTINUE, self.root)
        with suppress(ChildProcessError):
            while True:
                self._hear(*os.waitpid(-1, ALL_CHILDREN))
        return self.code

    def _hear(self, pid: int, status: int) -> None:
        if not os.WIFSTOPPED(status):
            if pid == self.root:
                self.code = os.waitstatus_to_exitcode(status)
            self.known.discard(pid)
            return
        event, number = status >> 16, os.WSTOPSIG(status)
        if pid not in self.known or event:
            number = 0 if event or number == signal.SIGSTOP else number
        self.known.add(pid)
        with suppress(ProcessLookupError):
            if event == kernel.SECCOMP_EVENT:
                self._call(pid)
            kernel.ptrace(kernel.CONTINUE, pid, 0, number)

    def _call(self, pid: int) -> None:
        number, arguments = kernel.call_of(pid)
        name = kernel.NUMBERS.get(number, "")
        place = self._place(pid, name, arguments)
        if not self._counts(number, arguments, place):
            return
        if self.match.pattern and not self.match.search(f"{self._program(pid)} {name} {place}"):
            return
        self.seen += 1
        if self.seen == self.point:
            self._strike(pid, name, place)
        elif self.struck and self.lasting and name in ROOM:
            kernel.refuse(pid, getattr(errno, self.how))

    def _counts(self, number: int, arguments: tuple[int, ...], place: str) -> bool:
        name, dies = kernel.NUMBERS.get(number, ""), self.how in DEATHS
        if name == "execve":
            return not dies and os.access(place, os.X_OK)
        flags = arguments[kernel.OPENS[number]] if number in kernel.OPENS else 0
        return place.startswith(self.below) and (not dies or changes(name, Path(place), flags))

    @staticmethod
    def _program(pid: int) -> str:
        with suppress(OSError):
            return Path(f"/proc/{pid}/comm").read_text().strip()
        return ""

    def _place(self, pid: int, name: str, arguments: tuple[int, ...]) -> str:
        """Return the path that a call is about; empty when there is none."""
        with suppress(OSError):
            if name in kernel.BY_DESCRIPTOR:
                return str(Path(f"/proc/{pid}/fd/{arguments[0]}").readlink())
            if name in kernel.COPIES:
                return str(Path(f"/proc/{pid}/fd/{arguments[kernel.COPIES[name][1]]}").readlink())
            if name in kernel.BY_PATH_AT:
                at = kernel.BY_PATH_AT[name][1]
                return self._path(pid, arguments[at + 1], arguments[at] & 0xFFFFFFFF)
            return self._path(pid, arguments[kernel.BY_PATH.get(name, (0, 0))[1]])
        return ""

    @staticmethod
    def _path(pid: int, address: int, folder: int = AT_WORKING_FOLDER) -> str:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            memory.seek(address)
            text = memory.read(4096 - address % 4096)
            if b"\0" not in text:
                text += memory.read(4096)
        path = os.fsdecode(text.partition(b"\0")[0])
        if path.startswith("/"):
            return path
        base = "cwd" if folder == AT_WORKING_FOLDER else f"fd/{folder}"
        return os.path.normpath(Path(f"/proc/{pid}/{base}").readlink() / path)

    def _strike(self, pid: int, name: str, place: str) -> None:
        told = {"call": name, "place": place, "program": self._program(pid), "at": time.time()}
        self.log.write_text(json.dumps(told))
        self.struck = True
        if self.how == "kill":
            os._exit(STRUCK)  # and the kernel kills all that is traced
        elif self.how == "one":
            os.kill(pid, signal.SIGKILL)
        elif self.how == "host":
            threads = {int(one.name) for one in Path(f"/proc/{self.root}/task").iterdir()}
            for other in self.known - threads:
                with suppress(ProcessLookupError):
                    os.kill(other, signal.SIGKILL)
        else:
            kernel.refuse(pid, getattr(errno, self.how))


if __name__ == "__main__":
    sys.exit(Tracer(json.loads(sys.argv[1])).run(sys.argv[2:]))
