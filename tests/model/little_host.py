"""A project with a tiny app, on which the real programs of the host run, without SSH or PM2."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

from mantodeus_ops.backup.retention import Manifest, backups_to_delete
from mantodeus_ops.rollback.candidates import RollbackTarget, rollback_candidates
from tests.model.programs import DATA, PATHS, Programs
from tests.model.repository import Repository

# What makes a version beside git: of an app with a build, of one without, and of one without
# dependencies too. What `found` makes no setting names, and it may build into another folder each
# time; the data of `shared` is the app's and no version's.
SHAPES = {
    "built": ("dist", "node_modules"),
    "plain": ("node_modules",),
    "bare": (),
    "found": ("dist", "node_modules"),
    "shared": ("dist", "node_modules"),
}
FOUND: dict[str, Any] = {"paths": [], "places": [], "build_outputs": []}
OUTPUTS = ("dist", "out")
State = tuple[str, str, str, str]
TICK = 0.012  # a file's time is that of the kernel's last tick


class LittleHost(Repository, Programs):
    """The disk of a host: what is live, what runs, and every backup."""

    def __init__(self, project: Path, keep: int, shape: str = "built") -> None:
        super().__init__(project)
        self.keep, self.shape = keep, shape
        if shape in {"found", "shared"}:
            self.settings = FOUND | ({"shared_paths": [DATA]} if shape == "shared" else {})
        self.recorded: dict[str, Any] | None = None
        self.run, self.began = 0, 0.0
        self.running: State = ("", "", "", "")
        self.ran: set[State] = set()

    @property
    def live(self) -> State:
        """Return what tells one state from another: code, what was built, settings, the start."""
        built = "".join(self._text(f"{name}/index.js") for name in OUTPUTS)
        entry = self.noted.get("entry") or {}
        return self._text("server.js"), built, self._text(".env"), entry.get("digest", "")

    @property
    def made(self) -> list[str]:
        """Return what install and build made for what is live."""
        return list(self.noted.get("made", SHAPES[self.shape]))

    @property
    def output(self) -> str:
        """Return the folder that the live version was built into; empty for one without a build."""
        return next((name for name in self.made if name in OUTPUTS), "")

    @property
    def noted(self) -> dict[str, Any]:
        """Return what the last commit wrote down of what is live."""
        return dict(json.loads(self._text(".deploy/live.json") or "{}"))

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
        self.ran.add(self.live)

    def made_by(self, output: str) -> tuple[str, ...]:
        """Return what the next version makes: where nothing names it, it may lie elsewhere."""
        if self.shape in {"found", "shared"}:
            return (output, "node_modules")
        return SHAPES[self.shape]

    def live_record(self, output: str, start: str) -> dict:
        """Return what is recorded of the next version."""
        if self.shape not in {"found", "shared"}:
            return {}
        return {"made": list(self.made_by(output)), "entry": {"digest": start}}

    def backup(self, verdict: str, *, left: bool = False, run: str = "") -> dict[str, Any]:
        """Make a backup, of what is live or of what a rollback moved aside, then prune."""
        state = json.loads((self.previous(run) / "state.json").read_text()) if run else {}
        told = {
            "revision": state.get("head") or self.revision,
            "live": state.get("live", self.noted),
        }
        about = {"reason": "model", "verdict": verdict, "left": left, **told}
        swapped = (
            name for name in (*PATHS, *OUTPUTS) if run and (self.previous(run) / name).exists()
        )
        roots = dict.fromkeys(swapped, f".deploy/previous/{run}")
        made = self.ask(
            "backup/create",
            about=about,
            roots=roots,
            running_since=self.began,
            head_moved=self.moved,
        )
        self.prune(made["name"])
        return dict(made)

    def prune(self, *pinned: str) -> None:
        """Delete what the retention no longer wants."""
        known = [Manifest.of(one) for one in self.backups()]
        self.ask(
            "transaction/record",
            prune=list(backups_to_delete(known, keep=self.keep, pinned=pinned)),
        )

    def backups(self) -> list[dict[str, Any]]:
        """Return every backup that is listed, the newest first."""
        return list(self.ask("transaction/record", list=True)["backups"])

    def states(self) -> dict[str, Any]:
        """Return the backups with what differs in them from what is live."""
        return dict(self.ask("backup/list_states", exact=True))

    @property
    def revision(self) -> str:
        """Return the revision that is checked out."""
        return self.git("rev-parse", "HEAD")

    def mark(self, state: str, **change: Any) -> None:
        """Say something of every backup of a state."""
        self.ask("transaction/record", mark={"state": state, "change": change})

    def previous(self, run: str) -> Path:
        """Return where a change keeps what it moved aside."""
        return self.project / ".deploy/previous" / run

    def kept(self) -> list[dict[str, Any]]:
        """Return what was moved aside and is still there, the oldest first."""
        return list(
            self.ask("transaction/previous_states", "\nreply({kept: previousStates()});")["kept"]
        )

    def fill(self, shape: str) -> None:
        """Make the first version of an app of this shape live."""
        if "node_modules" in SHAPES[shape]:
            self.write("node_modules/one/index.js", "1")
            self.write("package-lock.json", "{}")
        if "dist" in SHAPES[shape]:
            self.write("dist/index.js", "good 0")
        if shape != "bare":
            self.write(".env", "A=good 0")
        self.note_first()

    def note_first(self) -> None:
        """Note what is live as the commit of a first deploy does."""
        files = "{version: params.run, files: filesOf(project, 'dist')}"
        more = f"\nwriteOwn(params.run, params.swaps.includes('dist') ? {{dist: {files}}} : {{}});"
        made = list(SHAPES[self.shape])
        self.ask("deploy/version_files", f"{more}reply({{}});", run="0000", swaps=made)
        noted: dict[str, Any] = {"revision": self.revision, "head": self.revision, "own": "0000"}
        if self.shape in {"found", "shared"}:
            noted |= {"made": made, "entry": {"digest": "good start 0"}}
        self.write(".deploy/live.json", json.dumps(noted))

    def swap(self, names: list[str], sources: dict[str, str], **state: Any) -> str:
        """Trade these for the live ones, and note it; return the run under which the old are kept.

        `state` says of what was live what a commit is told of it, and of what comes `revision`.
        """
        self.run += 1
        run = f"{self.run:04}"
        known = self.noted
        noted = {"live": known, "head": self.revision, "branch": "", "entry": known.get("entry")}
        had = [name for name in names if (self.project / name).exists()]
        told = {
            "run": run,
            "swaps": names,
            "sources": sources,
            "checkout": ["checkout"],
            "moved": self.moved,
        }
        told |= state
        told["from"] = {**noted, "had": had, "since": self.began}
        told["live"] = {**told.get("live", {}), "revision": state["revision"], "at": time.time()}
        leave = "\nmovedAt = () => params.moved;writeState(params.from);"
        more = f"{leave}const live = goingLive(params.from.live);"
        more += "linkData(params.run, params.swaps);swapIn(params.run, params.swaps);"
        live = self.ask("transaction/verify_activation", f"{more}reply(live);", **told)
        self.checkout(state["revision"])
        self.write(".deploy/live.json", json.dumps(live))
        return run

    def swap_back(self, run: str, sources: dict[str, str]) -> None:
        """Take the trade back."""
        state = json.loads((self.previous(run) / "state.json").read_text())
        more = "\nswapBack(params.run, params.swaps, params.had);reply({});"
        had = {"swaps": state["swaps"], "had": state["had"]}
        self.ask("transaction/swap", more, run=run, sources=sources, **had)
        self.checkout(state["head"])
        self.write(".deploy/live.json", json.dumps(state["live"]))
        shutil.rmtree(self.previous(run))

    def adopt(self, state: str) -> None:
        """Have the records of a state that is live know whose files it has."""
        told = {"target": state, "live": self.noted, "task": "rollback"}
        self.ask("transaction/verify_activation", "\nadoptTarget();reply({});", **told)

    def forget_older(self, run: str) -> None:
        """Keep only what this run moved aside."""
        for one in self.kept():
            if one["run"] != run:
                shutil.rmtree(self.previous(one["run"]))

    def targets(self, seen: dict[str, Any], *, undo: bool) -> list[RollbackTarget]:
        """Return where a rollback would go."""
        return rollback_candidates(seen, self.kept(), undo=undo)

    def unpack(self, target: RollbackTarget) -> dict[str, str] | None:
        """Return where each part of a state is, unpacked where it has to be; None when damaged."""
        found = self.ask(
            "backup/restore_check",
            name=target.name,
            previous=target.previous,
            names=list(target.paths),
            same=list(target.same),
            revision=target.revision,
        )
        self.recorded = found["live"]
        sources = {name: one for name, one in found["sources"].items() if one != "same"}
        wanted = [name for name, one in sources.items() if one == "restore"]
        if wanted and self.call("backup/restore", name=target.name, wanted=wanted)["code"] != 0:
            return None
        return sources
