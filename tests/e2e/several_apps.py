"""A host whose ecosystem file starts a web server, a worker, and a job of every night."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from sandbox import Sandbox
from sandbox.machine import fetch
from sandbox.processes import is_alive
from tests.e2e.little_fleet import APP, PACKAGE, LittleFleet
from tests.e2e.world import Answer

WORKER = """
const fs = require('fs');
const [, place] = fs.readFileSync('.env', 'utf8').match(/SEEN=(.+)/);
fs.writeFileSync(`${place}/%NAME%`, JSON.stringify({ pid: process.pid, version: '%REVISION%' }));
"""
STAYS = "setInterval(() => {}, 1000);\n"
DIES = "setTimeout(() => { throw new Error('the queue is not there'); }, 50);\n"
WEB: dict[str, Any] = {"name": "web1", "script": "server.js", "kill_timeout": 500}
BESIDE: dict[str, Any] = {"name": "worker", "script": "worker.js", "kill_timeout": 500}
NIGHTLY: dict[str, Any] = {
    "name": "nightly",
    "script": "nightly.js",
    "cron_restart": "0 3 1 1 *",
    "autorestart": False,
}
ALL = (WEB, BESIDE, NIGHTLY)


class SeveralApps(LittleFleet):
    """The host `web1`, and others with the same file; its apps write their version into `seen`."""

    def __init__(self, box: Sandbox, count: int = 1) -> None:
        super().__init__(box, count)
        self.release({"package-lock.json": None, "build.js": None, "app.js": None})
        self.seen = box.root / "seen"
        self.seen.mkdir()
        for name in self.names:
            self._start_by_file(name)
        box.write_inventory()

    def _start_by_file(self, name: str) -> None:
        place = self.seen if name == "web1" else self.place(name) / "logs"
        place.mkdir(exist_ok=True)
        with (self.place(name) / ".env").open("a") as env:
            env.write(f"SEEN={place}\n")
        host = self.box.hosts[name]
        del host["backup_paths"], host["start_command"]
        host["ecosystem"] = "ecosystem.config.cjs"
        host["health"] = {"wait": 0.5, "retries": 20, "delay": 0.25}
        if name != "web1":
            host |= {"app": "web1", "pm2_name": f"{{name}}-of-{name}"}

    def version(
        self,
        name: str,
        apps: tuple[Mapping[str, Any], ...] = ALL,
        worker: str = STAYS,
        **more: str | None,
    ) -> str:
        """Release a version of these apps; return its revision."""
        scripts = {"worker": WORKER + worker, "nightly": f"{WORKER}process.exit();\n"}
        files = {
            f"{app}.js": text.replace("%NAME%", app).replace("%REVISION%", name)
            for app, text in scripts.items()
        }
        return self.release(
            {
                **files,
                "package.json": json.dumps(PACKAGE),
                "server.js": APP.replace("%REVISION%", name),
                "ecosystem.config.cjs": f"module.exports = {{ apps: {json.dumps(apps)} }};\n",
                **more,
            }
        )

    def run(self, *task: str, code: int = 0) -> Answer:
        """Run a task on the host."""
        return self.on("web1", *task, code=code)

    def under_pm2(self) -> dict[str, dict[str, Any]]:
        """Return what PM2 runs, by name."""
        return {app["name"]: app for app in self.box.manager.apps()}

    def pids(self) -> dict[str, int]:
        """Return the process of each app."""
        return {name: app["pid"] for name, app in self.under_pm2().items()}

    def page(self) -> str:
        """Return the version that the web server answers with."""
        return fetch(f"http://127.0.0.1:{self.ports['web1']}/")[1]

    def worker(self) -> str:
        """Return the version of the worker that PM2 runs now."""
        app = self.under_pm2().get("worker")
        if not app or app["pm2_env"]["status"] != "online" or not is_alive(app["pid"]):
            return "none"
        for _ in range(50):
            told = json.loads((self.seen / "worker").read_text() or "{}")
            if told.get("pid") == app["pid"]:
                return str(told["version"])
            time.sleep(0.1)
        return f"not that of process {app['pid']}"

    def runs(self, version: str) -> bool:
        """Return whether the web server and the worker both are of this version."""
        seen = (self.page(), self.worker())
        assert seen == (version, version), seen
        return True
