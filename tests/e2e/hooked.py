"""A host with a receiver, and GitHub's part beside it."""

from __future__ import annotations

import http.client
import json
import os
import pty
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mantodeus_ops.webhook.github_events import full_name
from sandbox import processes
from sandbox.box import PROGRAMS
from sandbox.commands import CHECKOUT
from sandbox.github import push_body, signed_headers
from sandbox.machine import fetch
from sandbox.openssh import free_port
from tests.e2e.world import World

SECRET = secrets.token_hex(32)
PATIENCE = 60.0


class Hooked:
    """A world whose host has a receiver."""

    def __init__(self, world: World, port: int) -> None:
        self.world, self.port = world, port

    def deliver(self, event: str, body: bytes, secret: str = SECRET, id_: str = "") -> int:
        """Send a delivery as GitHub does; return the status of the answer."""
        headers = signed_headers(event, body, secret.encode(), id_)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/webhook", body=body, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def push(self, revision: str, before: str = "0" * 39 + "1") -> bytes:
        """Return the body by which GitHub tells of this push."""
        repository = full_name(str(self.world.box.origin.bare))
        return push_body(repository, revision, before=before)

    def settled(self, revision: str) -> dict[str, object]:
        """Return the delivery of this revision once it waits and runs no more."""
        late = time.monotonic() + PATIENCE
        while time.monotonic() < late:
            listed = self.world.run("webhook.deliveries").row["deliveries"]
            mine = [one for one in listed if one["after"] == revision]
            if mine and mine[0]["state"] not in {"waiting", "running"}:
                return dict(mine[0])
            time.sleep(0.3)
        raise AssertionError((self.world.project / "logs/webhook.log").read_text())

    def config(self) -> dict[str, object]:
        """Return what the receiver says of itself."""
        return dict(json.loads((self.world.project / ".deploy/webhook.json").read_text()))

    def told_of_itself(self, **other: object) -> None:
        """Let the receiver have said something else of itself."""
        file = self.world.project / ".deploy/webhook.json"
        file.write_text(json.dumps(self.config() | other))

    def status(self) -> dict[str, Any]:
        """Return what webhook.status says, well or not: others leave the branch where they like."""
        ask = self.world.box.fab if self.world.door == "fab" else self.world.box.inv
        done = ask(*self.world.argv("webhook.status"))
        return dict(json.loads(done.stdout))

    def comes_back(self) -> None:
        """Kill the receiver; return when another one answers."""
        pid = int(str(self.config()["pid"]))
        processes.end([pid], grace=0)
        late = time.monotonic() + PATIENCE
        while self.config()["pid"] == pid or not self.answers():
            assert time.monotonic() < late
            time.sleep(0.1)

    def answers(self) -> bool:
        """Return whether the receiver answers for itself."""
        return fetch(f"http://127.0.0.1:{self.port}/health")[0] == 200

    def stop(self) -> None:
        """Stop the receiver under PM2."""
        self.world.machine.pm2("stop", "manager-webhook")

    def env(self) -> str:
        """Return the app's `.env`."""
        return (self.world.project / ".env").read_text()

    def on_terminal(self, *task: str) -> str:
        """Run a task of `inv` at a terminal; return what that showed."""
        parent, child = pty.openpty()
        argv = [PROGRAMS / "inv", *task]
        env = self.world.box.env() | {"TERM": "xterm"}
        run = subprocess.Popen(argv, cwd=CHECKOUT, env=env, stdin=child, stdout=child, stderr=child)
        os.close(child)
        seen = b""
        with suppress(OSError):  # the other end is closed: all is read
            while more := os.read(parent, 1000):
                seen += more
        os.close(parent)
        assert run.wait() == 0, seen
        return seen.decode()


@contextmanager
def hooked(world: World) -> Iterator[Hooked]:
    """Yield the world with a secret and a port, in which no receiver was installed yet."""
    port = free_port()
    with_secret(world)
    with world.settings(webhook={"port": port}):
        yield Hooked(world, port)
    end(world)


def with_secret(world: World) -> None:
    """Put the secret into the app's `.env`."""
    env = world.project / ".env"
    env.write_text(world.machine.env_text() + f"WEBHOOK_SECRET={SECRET}\n")


def end(world: World) -> None:
    """End what the tests started, and take the secret away again."""
    file = world.project / ".deploy/webhook/keeper.pid"
    if file.exists():
        processes.end([int(file.read_text().split()[0])])
    if "manager-webhook" in world.machine.pm2("-s", "jlist"):
        world.machine.pm2("delete", "manager-webhook")
    config = world.project / ".deploy/webhook.json"
    if config.exists():
        processes.end([int(json.loads(config.read_text()).get("pid", 0)) or 2**30])
    for left in (world.project / ".deploy").glob("webhook*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    world.machine.write_env()
