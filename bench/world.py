"""What is measured in: one sandbox, in which `manager` is ours and `plain` is kept by hand."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from sandbox import Machine, Sandbox

from . import plain
from .load import Load
from .samples import BenchError, Deploy
from .tree import big_app, size

LIMIT_SECONDS = 1800
TURNS = count(1)
NONE: Mapping[str, str] = {}
Answer = TypeVar("Answer")


@dataclass(slots=True)
class World:
    """A sandbox whose two machines run the same app, each deployed in its own way.

    `big` says whether it has as many dependencies as real apps have, `before` is the revision
    that the newest plain deploy replaced.
    """

    box: Sandbox
    ours: Machine
    plain: Machine
    big: bool = True
    before: str = ""

    def release(self, files: Mapping[str, str] = NONE) -> str:
        """Release a change of one line, and of these files; return the revision."""
        text = f"<!doctype html>\n<title>{next(TURNS)}</title>\n<code>%REVISION%</code>\n"
        return self.box.origin.release({"src/index.html": text, **files}, "A small change")

    def fab(self, *args: str, host: str = "manager", stdin: str = "") -> dict[str, Any]:
        """Run `fab -H manager … --json`; return its answer, raise BenchError when it fails."""
        done = self.box.fab("-H", host, *args, "--json", stdin=stdin, timeout=LIMIT_SECONDS)
        if done.returncode:
            raise BenchError(f"fab {args}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return dict(json.loads(done.stdout))

    def ssh(self, machine: Machine, command: str) -> str:
        """Run a command on a machine with the ordinary ssh; return its stdout."""
        return plain.ssh(self.box, machine, command)

    @contextmanager
    def clustered(self) -> Iterator[None]:
        """Let what our machine deploys run as two workers while this lasts."""
        self.box.hosts["manager"]["ecosystem"] = "cluster.config.cjs"
        self.box.write_inventory()
        try:
            yield
        finally:
            del self.box.hosts["manager"]["ecosystem"]
            self.box.write_inventory()

    def deploy(self, files: Mapping[str, str] = NONE) -> Deploy:
        """Release a change and deploy it our way; raise BenchError unless it then is live."""
        revision = self.release(files)
        seconds, answer = timed(lambda: self.fab("deploy"))
        plain.insist(self.ours, revision)
        return Deploy.of(seconds, answer)

    def deploy_plainly(self) -> float:
        """Release a change and deploy it the plain way; return the seconds."""
        self.before = self.plain.page()
        self.ssh(self.plain, plain.tidy(self.plain))
        revision = self.release()
        seconds, _ = timed(lambda: self.ssh(self.plain, plain.deploy(self.plain)))
        plain.insist(self.plain, revision)
        return seconds


def load(machine: Machine) -> Load:
    """Return requesters for this machine's app, to be used as a context."""
    health = machine.health_url.replace("{timestamp}", "1").removeprefix(machine.url)
    return Load(machine.port, "/", f"/{health}")


def timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    """Return how long the work took, and what it returned."""
    began = time.monotonic()
    done = work()
    return time.monotonic() - began, done


def settle(box: Sandbox, *, big: bool) -> World:
    """Return the world of a started sandbox: the app, big or not, runs on both machines."""
    # The health policy is the product's own: a sandbox's would wait less than users' deploys do.
    del box.defaults["health"]
    box.write_inventory()
    if big:
        box.origin.release(big_app(), "Many dependencies")
    world = World(box, box.manager, box.add_machine("plain"), big)
    world.ours.write_env()
    world.plain.write_env()
    world.fab("deploy.setup")
    world.fab("deploy")
    world.ssh(world.plain, plain.first_deploy(world.plain, str(box.origin.bare)))
    return world


def app_size(world: World) -> str:
    """Return how big the installed dependencies are."""
    files, octets = size(world.ours.project_dir / "node_modules")
    return f"node_modules of {files:,} files, {octets / 1e6:.0f} MB"
