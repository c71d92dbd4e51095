"""Twelve apps on one machine, each a host of the inventory: a fleet that one sandbox can bear."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sandbox import Sandbox
from sandbox.machine import fetch
from sandbox.openssh import free_port
from tests.e2e.world import Answer, World

BUILD = """
const fs = require('fs');
const { execFileSync } = require('child_process');
const revision = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
fs.mkdirSync('dist', { recursive: true });
const app = fs.readFileSync('app.js', 'utf8');
fs.writeFileSync('dist/index.js', app.replace('%REVISION%', revision));
"""
APP = """
const fs = require('fs');
const port = process.env.PORT || fs.readFileSync('.env', 'utf8').match(/PORT=([0-9]+)/)[1];
require('http').createServer((asked, answer) => answer.end('%REVISION%')).listen(port, '127.0.0.1');
"""
PACKAGE: dict[str, Any] = {"name": "little", "version": "1.0.0", "private": True}
LOCK = {**PACKAGE, "lockfileVersion": 3, "requires": True, "packages": {"": PACKAGE}}


class LittleFleet:
    """The hosts `web1`, `web2`, …, which share one sshd and one PM2, in the group `web`."""

    def __init__(self, box: Sandbox, count: int) -> None:
        self.world = World(box, "fab")
        self.box = box
        self.names = [f"web{number}" for number in range(1, count + 1)]
        self.ports = {name: free_port() for name in self.names}
        package = {**PACKAGE, "scripts": {"build": "node build.js"}}
        self.release(
            {
                "package.json": json.dumps(package),
                "package-lock.json": json.dumps(LOCK),
                "build.js": BUILD,
                "app.js": APP,
                "ecosystem.config.cjs": None,
                ".env.example": "PORT=\n",
            }
        )
        for name in self.names:
            self._settle(name)
        box.write_inventory()
        # Of clients that find no daemon and start one at once, PM2 leaves some waiting for ever.
        box.manager.pm2("ping")

    def _settle(self, name: str) -> None:
        place = self.box.root / name
        place.mkdir()
        (place / ".env").touch(mode=0o600)
        (place / ".env").write_text(f"PORT={self.ports[name]}\n")
        self.box.hosts[name] = {
            **self.box.hosts["manager"],
            "project_dir": str(place),
            "app": name,
            "health_url": f"http://127.0.0.1:{self.ports[name]}/",
            "start_command": "node dist/index.js",
            "boot_test": False,
            "backup_paths": ["dist", "package-lock.json", ".env"],
        }

    def place(self, name: str) -> Path:
        """Return the project of this host."""
        return self.box.root / name

    def release(self, files: dict[str, str | None] | None = None) -> str:
        """Release a version with these files; return its revision."""
        return self.box.origin.release(files or {}, "Another version")

    def cannot_build(self, names: Iterable[str]) -> None:
        """Let the build fail on these hosts, and on no other."""
        for name in self.names:
            self.box.hosts[name].pop("hooks", None)
        for name in names:
            self.box.hosts[name]["hooks"] = {"before_build": ["echo no compiler here; exit 7"]}
        self.box.write_inventory()

    def on(self, hosts: str, *task: str, code: int = 0) -> Answer:
        """Run a task on these hosts."""
        done = self.box.fab("-H", hosts, *task, "--json", timeout=900)
        return self.world.judged(done.returncode, done.stdout, done.stderr, code)

    def all(self, *task: str, code: int = 0) -> Answer:
        """Run a task on all hosts of the fleet."""
        return self.on("web*", *task, code=code)

    def pages(self) -> list[str]:
        """Return the revision that each app answers with."""
        return [fetch(f"http://127.0.0.1:{port}/")[1] for port in self.ports.values()]
