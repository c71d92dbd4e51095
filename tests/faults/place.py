"""The sandbox in which faults happen: one small app in two versions, which trade places.

It is a workspace of two packages and runs as two processes, which must be of one version.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mantodeus_ops.remote.host import Host
from sandbox import Sandbox
from sandbox.box import PROGRAMS, Finished
from sandbox.commands import CHECKOUT
from sandbox.shelf import APP
from tests.e2e.world import World
from tests.support.fake_host import host_at

if TYPE_CHECKING:
    from tests.faults.operations import Task

HERE = Path(__file__).parent / "app"
HEALTH = {"wait": 0, "retries": 20, "delay": 0.25}
# The two versions need other packages, so that a deploy installs, and a swap moves node_modules.
NEEDS = ({"ms"}, {"ms", "ee-first"})
JOBS = 22
PARTS = 2  # files in dist/parts
# Of the app of all other tests; each file more would only be the same points once more.
KEPT = (".gitignore",)
JOBS_PACKAGE = {"name": "jobs", "version": "1.0.0"}
JOBS_SOCKET = "jobs.sock"


@dataclass(frozen=True, slots=True)
class State:
    """What is live: a revision, and the digest of `.env`."""

    revision: str
    env: str


class Place:
    """One sandbox behind `inv`, with both versions deployed once; used again after each fault."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.world = World(Sandbox().start(), "inv")
        self.box, self.machine = self.world.box, self.world.machine
        self.project: Path = self.world.project
        self.log = self.box.root / "struck"
        self.whole: set[State] = set()
        self.turns = 0
        self.said = ""
        self.read = set[tuple[tuple[int, int], ...]]()  # backups that were found whole
        self.after: list[Callable[[], None]] = []  # what is done before the questions are asked
        self.allowed: Task | None = None  # by a fault that runs more than one task
        try:
            self._fill()
        except BaseException:
            self.end()
            raise

    def _fill(self) -> None:
        """Deploy both versions."""
        self.box.defaults["health"] = HEALTH
        self.box.write_inventory()
        self.versions = tuple(self._release(needs) for needs in NEEDS)
        self.machine.write_env()
        self.world.run("deploy.setup")
        self.whole.add(self.state())
        self.world.run("deploy", "--ref", self.versions[0])
        self.whole.add(self.state())

    def _release(self, needs: set[str]) -> str:
        """Release the app with these packages; return the revision."""
        whole = json.loads((APP / "package-lock.json").read_text())
        found = {name: whole["packages"][f"node_modules/{name}"] for name in needs}
        versions = {name: found[name]["version"] for name in sorted(needs)}
        about = {"name": "manager", "version": "1.0.0", "workspaces": ["packages/*"]}
        about |= {"dependencies": versions}
        lock = {**about, "lockfileVersion": 3, "packages": {"": about}}
        lock["packages"] |= {"packages/jobs": {"version": "1.0.0"}}
        lock["packages"] |= {"node_modules/jobs": {"resolved": "packages/jobs", "link": True}}
        lock["packages"] |= {f"node_modules/{name}": found[name] for name in sorted(needs)}
        files: dict[str, str | None] = {
            "package.json": json.dumps(
                {**about, "private": True, "scripts": {"build": "node build.js"}}
            ),
            "package-lock.json": json.dumps(lock),
            "build.js": (HERE / "build.js").read_text(),
            "src/index.js": (HERE / "index.js").read_text(),
            "packages/jobs/package.json": json.dumps(JOBS_PACKAGE),
            "packages/jobs/jobs.js": (HERE / "jobs.js").read_text(),
            "ecosystem.config.cjs": (HERE / "ecosystem.config.cjs").read_text(),
        }
        known = self.box.origin.git("ls-files").splitlines()
        files |= {name: None for name in known if name not in {*files, *KEPT}}
        return self.box.origin.release(files, f"Needs {', '.join(sorted(needs))}")

    @cached_property
    def host(self) -> Host:
        """Return the host without a command line around it, for looking."""
        settings = {"name": "manager", "health_url": self.machine.health_url}
        folders = (str(self.world.programs), *self.machine.env()["PATH"].split(":"))
        return host_at(self.project, path=folders, **settings)

    def inv(self, *task: str) -> list[str]:
        """Return the command line of a task, with JSON wanted."""
        return [str(PROGRAMS / "inv"), *task, "--json"]

    def fab(self, host: str, *task: str) -> list[str]:
        """Return the command line of a task over SSH, with JSON wanted."""
        return [str(PROGRAMS / "fab"), "-H", host, *task, "--json"]

    def spawn(self, argv: list[str], stdin: str) -> subprocess.Popen[str]:
        """Start a program as a person at the first machine; its standard input is complete."""
        process = subprocess.Popen(
            argv,
            cwd=CHECKOUT,
            env=self.box.env(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        process.stdin.write(stdin)
        process.stdin.close()
        process.stdin = None
        return process

    def allow(self, *tasks: Task) -> None:
        """Let the states of all these tasks, and their mixtures one after the other, follow."""
        states = {state for task in tasks for state in task.may_be} | self.whole
        mixed = {State(one.revision, other.env) for one in states for other in states}
        self.allowed = replace(tasks[0], may_be=frozenset(mixed))

    def run(self, argv: list[str], stdin: str = "", timeout: float = 120) -> Finished:
        """Run a program as a person at the first machine; return how it ended."""
        return self.box._finished(argv, stdin, timeout)

    def jobs(self) -> str:
        """Return the revision that the worker answers with, or the reason why there is none."""
        for _ in range(4):
            answer = self._ask_jobs()
            if "Error" not in answer:
                break
            time.sleep(0.25)  # it closes before it has read all, which may reset the line
        return answer

    def _ask_jobs(self) -> str:
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(5)
                line.connect(str(self.machine.pm2_home / JOBS_SOCKET))
                line.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = b"".join(iter(lambda: line.recv(4096), b""))
        except OSError as error:
            return repr(error)
        return answer.partition(b"\r\n\r\n")[2].decode()

    def state(self) -> State:
        """Return what is live by the word of git and the disk."""
        digest = hashlib.sha256((self.project / ".env").read_bytes()).hexdigest()
        return State(self.world.git("rev-parse", "HEAD"), digest[:12])

    def other(self) -> str:
        """Return the version that is not live."""
        live = self.state().revision
        return next(one for one in self.versions if one != live)

    def left(self) -> set[str]:
        """Return the revisions that a rollback left, and that --undo returns to."""
        backups = (json.loads(one.read_text()) for one in self.project.glob("backups/*.json"))
        aside = self.project.glob(".deploy/previous/*/state.json")
        states = [state for one in aside if (state := json.loads(one.read_text())).get("undo")]
        left = {one["revision"] for one in backups if one.get("left")}
        return left | {(state["live"] or {}).get("revision", "") for state in states}

    def branch(self) -> None:
        """Trade one branch of the origin for another, so that a fetch has something to write."""
        gone, new = f"turn-{self.turns - 1}", f"turn-{self.turns}"
        kept = self.box.origin.git("ls-remote", "--heads", "origin", gone)
        self.box.origin.git("push", "-q", "origin", f"HEAD:{new}", *([f":{gone}"] if kept else []))

    def forget_jobs(self) -> None:
        """Leave so few jobs of earlier faults that a deploy has only one too many to clear away."""
        jobs = sorted(
            (self.project / ".deploy/jobs").iterdir(), key=lambda one: one.stat().st_mtime
        )
        for job in jobs[:-JOBS]:
            shutil.rmtree(job)

    def value(self) -> str:
        """Return a value that no variable had before."""
        self.turns += 1
        return f"value-{self.turns}-{'x' * (self.turns % 40)}"

    def env_with(self, value: str) -> str:
        """Return the digest of `.env` once FAULT_VALUE is this."""
        text = (self.project / ".env").read_text()
        line = f"FAULT_VALUE={value}\n"
        found = re.search(r"^FAULT_VALUE=.*\n", text, re.MULTILINE)
        new = text.replace(found[0], line) if found else text + line
        return hashlib.sha256(new.encode()).hexdigest()[:12]

    def settle(self) -> None:
        """Do what waits for the next command: only now the host is told of a client that went."""
        while self.after:
            self.after.pop()()

    def clear(self) -> None:
        """Forget what was of this fault only."""
        self.settle()
        self.allowed = None

    def end(self) -> None:
        """End everything that runs here."""
        self.clear()
        self.world.end()
