"""A machine with one PM2 on which many animals live, each an app with an entry in the inventory."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox import Sandbox, processes
from tests.e2e.zoo import Animal

PATIENCE = {"wait": 1, "retries": 2, "delay": 1, "body": '"ok":true'}
# Above the sandboxes' own, below what the kernel lends; each worker of the tests has its own.
PORTS_EACH = 330
BASE_PORT = 32100 + PORTS_EACH * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 2)
SQUATTER = """
require('http').createServer((q, a) => a.end('{"ok":true}')).listen(%d, '127.0.0.1');
"""


class Park:
    """Starts animals under PM2 and asks for their health as a person would."""

    def __init__(self, **health: object) -> None:
        self.box = Sandbox()
        self.health = {**PATIENCE, **health}
        self.ports: dict[str, int] = {}
        self._squatters: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.box.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for squatter in self._squatters:
            squatter.kill()
            squatter.wait()
        self.box.stop()

    def place(self, name: str) -> Path:
        """Return the folder of an animal."""
        return self.box.root / "zoo" / name

    def keep(self, animals: Mapping[str, Animal]) -> float:
        """Start them all with one command of PM2; return when that was, in seconds since 1970."""
        entries = [self._entry(name, animal) for name, animal in animals.items()]
        file = self.box.root / "zoo" / f"zoo-{len(self.ports)}.json"
        file.write_text(json.dumps({"apps": entries}))
        self.box.write_inventory()
        self.box.manager.pm2("start", str(file))
        return time.time()

    def _entry(self, name: str, animal: Animal) -> dict[str, Any]:
        port = self.ports[name] = BASE_PORT + 3 * len(self.ports)
        place = self.place(name)
        place.mkdir(parents=True)
        entry = {**animal.entry}
        if child := entry.pop("child", ""):
            (place / "child.js").write_text(child)
        (place / "app.js").write_text(animal.text)
        if name.startswith("port-taken"):
            self.squat(port)
        self.box.hosts[name] = {
            "address": "local",
            "project_dir": str(place),
            "app": name,
            "health_url": f"http://127.0.0.1:{port}/",
            "health": self.health,
        }
        env = {"PORT": str(port)}
        return {"name": name, "script": "app.js", "cwd": str(place), "env": env, **entry}

    def release(self, animals: Iterable[str]) -> None:
        """Let them go: what dies again and again costs those who live."""
        self.box.manager.pm2("delete", *animals)

    def squat(self, port: int) -> int:
        """Have a process that is not PM2's answer on this port; return its number."""
        argv = ["node", "-e", SQUATTER % port]
        squatter = subprocess.Popen(argv, env=self.box.env())
        self._squatters.append(squatter)
        time.sleep(0.5)
        return squatter.pid

    def ask(
        self, task: str, names: Iterable[str], timeout: float = 300
    ) -> dict[str, dict[str, Any]]:
        """Return what the task says of each of these, in one command."""
        done = self.box.fab("-H", ",".join(names), task, "--json", timeout=timeout)
        assert "Traceback" not in done.stderr, done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return {row["host"]: row for row in rows}

    def said(self) -> str:
        """Return the end of PM2's own log, for who wonders what became of an animal."""
        return (self.box.manager.pm2_home / "pm2.log").read_text()[-4000:]

    def daemon(self) -> int:
        """Return the number of PM2's daemon; 0 when there is none."""
        pid = int((self.box.manager.pm2_home / "pm2.pid").read_text())
        return pid if processes.is_alive(pid) else 0
