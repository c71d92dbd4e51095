"""Two hosts with an app of a shape: released, deployed, and asked which version they run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from sandbox import Sandbox
from sandbox.commands import run
from sandbox.machine import fetch
from tests.e2e.shapes.lockfiles import lockfile, manager_folder, share_caches
from tests.e2e.shapes.shape import Shape
from tests.e2e.world import Answer, World

HOSTS = ("manager", "second")
OF_ALL = {"app": "web", "health": {"wait": 0, "retries": 20, "delay": 0.5}}
PATIENCE = 10.0


class Site:
    """The hosts `manager` and `second`, or one alone, each with its own home, sshd and PM2."""

    def __init__(self, shape: Shape, hosts: Sequence[str] = HOSTS) -> None:
        self.shape = shape
        self.hosts = hosts
        self.box = Sandbox()

    def __enter__(self) -> Self:
        self.box.start()
        try:
            self._build()
        except BaseException:
            self.box.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.world.end()

    def _build(self) -> None:
        self.world = World(self.box, "fab")
        for name in self.hosts:
            self._settle(name)
        self.box.write_inventory()
        self._empty_origin()

    def _settle(self, name: str) -> None:
        machine = self.box.machines.get(name) or self.box.add_machine(name)
        share_caches(machine.home)
        url = f"http://127.0.0.1:{machine.port}{self.shape.health_path}"
        self.box.hosts[name] |= {**OF_ALL, "health_url": url, **self.shape.settings}
        if folder := manager_folder(self.shape):
            self.box.hosts[name]["path"] = [str(folder), *self.box.defaults["path"]]
        env = self.place(name) / ".env"
        env.parent.mkdir(parents=True)
        env.touch(mode=0o600)
        env.write_text(f"PORT={machine.port}\n")

    def _empty_origin(self) -> None:
        work = self.box.origin.work
        gone = [str(path.relative_to(work)) for path in work.rglob("*") if path.is_file()]
        kept = {**dict.fromkeys(gone), **self.shape.source(), **lockfile(self.shape)}
        self.box.origin.release({k: v for k, v in kept.items() if ".git/" not in k}, "The app")

    def place(self, name: str) -> Path:
        """Return the folder of the app on a host."""
        return self.box.machines[name].project_dir / self.shape.root

    def release(self, version: str) -> str:
        """Release this version; return its revision."""
        return self.box.origin.release(self.shape.release(version), f"Version {version}")

    def release_broken(self) -> str:
        """Release a version that must not go live."""
        return self.box.origin.release(self.shape.breaks(), "A version that is broken")

    def cannot_build(self, names: Iterable[str]) -> None:
        """Let a deploy fail on these hosts, and on no other."""
        for name in self.hosts:
            self.box.hosts[name].pop("hooks", None)
        for name in names:
            self.box.hosts[name]["hooks"] = {"before_build": ["echo no compiler here; exit 7"]}
        self.box.write_inventory()

    def on(self, hosts: str, *task: str, code: int = 0) -> Answer:
        """Run a task on these hosts."""
        done = self.box.fab("-H", hosts, *task, "--json", timeout=900)
        return self.world.judged(done.returncode, done.stdout, done.stderr, code)

    def runs(self, versions: Mapping[str, str], revisions: Mapping[str, str]) -> None:
        """Insist that hosts run these versions, by what a visitor sees and what is on the host."""
        for name, version in versions.items():
            wanted = f"version {version}"
            shown = self._eventually(name, wanted)
            assert wanted in shown, shown
            project = self.box.machines[name].project_dir
            recorded = json.loads((project / ".deploy" / "live.json").read_text())["revision"]
            head = run(["git", "-C", project, "rev-parse", "HEAD"]).strip()
            assert (version, recorded, head) == (version, *(revisions[version],) * 2)
            self._runs_processes(name)

    def is_said(self, rows: Iterable[Mapping[str, Any]], revision: str) -> None:
        """Insist that the rows of a change say that this revision is live, and well."""
        for row in rows:
            assert (row["revision"], row["health"]) == (revision, self.good_health), row

    def asked(self, versions: Mapping[str, str], revisions: Mapping[str, str]) -> None:
        """Insist that `status` says of each host that it runs this version."""
        rows = self.on(",".join(versions), "status").rows
        for row in rows:
            said = (row["git_commit"], row["status"], row["health"])
            revision = revisions[versions[row["host"]]]
            assert said == (revision, "online", self.good_health), row

    @property
    def good_health(self) -> str:
        """Return what the tool says of the app when it is well."""
        return "not asked" if self.is_silent else "healthy"

    @property
    def is_silent(self) -> bool:
        """Return whether the app has no HTTP."""
        return self.shape.settings.get("health_url") == ""

    def _eventually(self, name: str, wanted: str) -> str:
        """Return what the app shows; a file that a worker writes gets a moment for that."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in (text := self._shown(name)) and time.monotonic() < deadline:
            time.sleep(0.2)
        return text

    def _shown(self, name: str) -> str:
        file = self.place(name) / self.shape.shown
        written = file.read_text() if self.shape.shown and file.exists() else ""
        return written if self.is_silent else f"{written}{self._page(name)}"

    def _page(self, name: str) -> str:
        machine = self.box.machines[name]
        return fetch(f"http://127.0.0.1:{machine.port}{self.shape.health_path}")[1]

    def _runs_processes(self, name: str) -> None:
        apps = self.box.machines[name].apps()
        assert {app["name"] for app in apps} == {"web", *self.shape.processes}

    def data(self, name: str) -> bytes:
        """Return what the app wrote so far, which it only adds to."""
        return (self.place(name) / self.shape.data).read_bytes() if self.shape.data else b""
