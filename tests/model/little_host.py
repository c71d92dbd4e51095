"""A project with a tiny app, on which the real programs of the host run, without SSH or PM2."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from fabfile.host.programs import node_program
from fabfile.pure.retention import Manifest, doomed
from fabfile.pure.target import Target, candidates

DRIVER = Path(__file__).with_name("driver.js")
PATHS = ["dist", "node_modules", "package-lock.json", ".env"]
SWAPPED = ["dist", "node_modules"]
JOBS = {"backup", "restore"}
TICK = 0.012  # a file's time is that of the kernel's last tick


class LittleHost:
    """The disk of a host: what is live, what runs, and every backup."""

    def __init__(self, project: Path, keep: int) -> None:
        self.project, self.keep = project, keep
        self.shift, self.run, self.began = 0.0, 0, 0.0
        self.running = ("", "")
        self._driver = subprocess.Popen(
            ["node", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._texts: dict[str, str] = {}

    def close(self) -> None:
        """End the process in which the programs run."""
        assert self._driver.stdin
        self._driver.stdin.close()
        self._driver.wait(10)

    def call(self, program: str, more: str = "", **params: Any) -> dict[str, Any]:
        """Return how a program ended: its code, what it said, what it answered."""
        assert self._driver.stdin
        assert self._driver.stdout
        told = {"project_dir": str(self.project), "backup_dir": "backups", "env_file": ".env"}
        told |= {"paths": PATHS, "places": PATHS, **params}
        if program in JOBS:
            told["job"] = f"{program}-1"
        text = self._texts.setdefault(program, node_program(program)) + more
        asked = {"text": text, "params": told, "shift": self.shift, "waits": program == "backup"}
        self._driver.stdin.write(json.dumps(asked) + "\n")
        self._driver.stdin.flush()
        return dict(json.loads(self._driver.stdout.readline()))

    def ask(self, program: str, more: str = "", **params: Any) -> Any:
        """Return what a program answered; it must not fail."""
        done = self.call(program, more, **params)
        assert done["code"] == 0, done["said"]
        return done["answer"]

    @property
    def live(self) -> tuple[str, str]:
        """Return what tells one state of this app from another: its code, and its settings."""
        return self._text("dist/index.js"), self._text(".env")

    def _text(self, name: str) -> str:
        file = self.project / name
        return file.read_text() if file.exists() else ""

    def write(self, name: str, text: str) -> None:
        """Put a file into the project."""
        time.sleep(TICK)
        (self.project / name).parent.mkdir(parents=True, exist_ok=True)
        (self.project / name).write_text(text)

    def start(self) -> None:
        """Start the app from what is on the disk."""
        time.sleep(TICK)
        self.running, self.began = self.live, time.time()

    def backup(self, verdict: str, *, left: bool = False, run: str = "") -> dict[str, Any]:
        """Make a backup, of what is live or of what a rollback moved aside, then prune."""
        about = {"reason": "model", "revision": "", "verdict": verdict, "live": None, "left": left}
        swapped = (name for name in PATHS if run and (self.previous(run) / name).exists())
        roots = dict.fromkeys(swapped, f".deploy/previous/{run}")
        made = self.ask("backup", about=about, roots=roots, running_since=self.began)
        self.prune(made["name"])
        return dict(made)

    def prune(self, *pinned: str) -> None:
        """Delete what the retention no longer wants."""
        known = [Manifest.of(one) for one in self.backups()]
        self.ask("record", prune=list(doomed(known, keep=self.keep, pinned=pinned)))

    def backups(self) -> list[dict[str, Any]]:
        """Return every backup that is listed, the newest first."""
        return list(self.ask("record", list=True)["backups"])

    def states(self) -> dict[str, Any]:
        """Return the backups with what differs in them from what is live."""
        return dict(self.ask("states", exact=True))

    def mark(self, content: str, **change: Any) -> None:
        """Say something of every backup of a state."""
        self.ask("record", mark={"content": content, "change": change})

    def previous(self, run: str) -> Path:
        """Return where a change keeps what it moved aside."""
        return self.project / ".deploy/previous" / run

    def kept(self) -> list[dict[str, Any]]:
        """Return what was moved aside and is still there."""
        place = self.project / ".deploy/previous"
        found = sorted(place.iterdir()) if place.exists() else []
        return [
            {"run": one.name, "names": [path.name for path in one.iterdir()], "state": state}
            for one in found
            if (state := json.loads((one / "state.json").read_text()))
        ]

    def swap(self, names: list[str], sources: dict[str, str], state: dict[str, Any]) -> str:
        """Trade these for the live ones; return the run under which the old ones are kept."""
        self.run += 1
        run = f"{self.run:04}"
        had = [name for name in names if (self.project / name).exists()]
        self.previous(run).mkdir(parents=True)
        told = {"swaps": names, "had": had, "head": "", "branch": "", "live": None, **state}
        (self.previous(run) / "state.json").write_text(json.dumps(told))
        more = "\nswapIn(params.run, params.swaps);reply({});"
        self.ask("swap", more, run=run, swaps=names, sources=sources)
        return run

    def swap_back(self, run: str, sources: dict[str, str]) -> None:
        """Take the trade back."""
        state = json.loads((self.previous(run) / "state.json").read_text())
        more = "\nswapBack(params.run, params.swaps, params.had);reply({});"
        had = {"swaps": state["swaps"], "had": state["had"]}
        self.ask("swap", more, run=run, sources=sources, **had)
        shutil.rmtree(self.previous(run))

    def forget_older(self, run: str) -> None:
        """Keep only what this run moved aside."""
        for one in self.kept():
            if one["run"] != run:
                shutil.rmtree(self.previous(one["run"]))

    def targets(self, seen: dict[str, Any], *, undo: bool) -> list[Target]:
        """Return where a rollback would go."""
        return candidates(seen, self.kept(), undo=undo)

    def unpack(self, target: Target) -> dict[str, str] | None:
        """Return where each part of a state is, unpacked where it has to be; None when damaged."""
        found = self.ask(
            "restorable",
            name=target.name,
            previous=target.previous,
            names=list(target.paths),
            same=list(target.same),
            revision="",
        )
        sources = {name: one for name, one in found["sources"].items() if one != "same"}
        wanted = [name for name, one in sources.items() if one == "restore"]
        if wanted and self.call("restore", name=target.name, wanted=wanted)["code"] != 0:
            return None
        return sources
