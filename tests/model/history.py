"""What people and machines do to an app, at random, and what must be true after each of it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from hypothesis import strategies as some
from hypothesis.stateful import (
    initialize,
    rule,
)

from mantodeus_ops.deploy.plan import swapped_paths
from mantodeus_ops.rollback.candidates import made_only_live
from tests.model.little_host import OUTPUTS, SHAPES, LittleHost, State
from tests.model.programs import DATA
from tests.model.promises import Promises

GOOD, BAD = "good", "bad"
QUALITY = some.sampled_from([GOOD, GOOD, BAD])


def healthy(state: State) -> bool:
    """Return whether the app works in this state: its code and its settings both must."""
    return all(GOOD in part for part in state if part)


class History(Promises):
    """What people and machines do to an app, and what must be true after each of it."""

    shapes = tuple(sorted(SHAPES))

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.count = 0
        self.data: dict[str, str] = {}  # what the app wrote last
        self.proven: list[str] = []  # contents of states that were seen good, the newest last

    @initialize(keep=some.integers(1, 5), turn=some.integers(0, 999))
    def begin(self, keep: int, turn: int) -> None:
        """Set up an app that works."""
        shape = self.shapes[turn % len(self.shapes)]
        project = self.folder / "site"
        (project / ".deploy/jobs").mkdir(parents=True)
        subprocess.run(["git", "init", "-q", project], check=True)
        self.host = LittleHost(project, keep, shape)
        self.keep = keep
        self.host.checkout(self.host.commit(f"{GOOD} 0"))
        self.host.fill(shape)
        self.host.start()

    def new(self, quality: str) -> str:
        """Return a text that was never there before."""
        self.count += 1
        return f"{quality} {self.count}"

    def verdict(self) -> str:
        """Return what the health check says of the process that runs."""
        return GOOD if healthy(self.host.running) else BAD

    def saved(self) -> dict:
        """Back up what is live, as every change does first."""
        made = self.host.backup(self.verdict())
        self.remember(made)
        return made

    def remember(self, made: dict) -> None:
        """Know of a state that was proven by a process that was started from it."""
        state = made["state"]
        if made["verdict"] == GOOD and not made.get("changed"):
            self.proven = [one for one in self.proven if one != state] + [state]

    @rule(
        quality=QUALITY,
        saves=some.booleans(),
        output=some.sampled_from(OUTPUTS),
        start=some.sampled_from(["good start 0", "good start 1", "bad start"]),
    )
    def deploy(self, quality: str, saves: bool, output: str, start: str) -> None:
        """Ship a new version; one that turns out unhealthy is taken back by itself."""
        made = self.saved() if saves else {}
        staging = self.host.project / ".deploy/staging"
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        code = self.new(quality)
        if "node_modules" in self.host.made:
            shutil.copytree(self.host.project / "node_modules", staging / "node_modules")
        new, live = self.host.made_by(output), self.host.live_record(output, start)
        for folder in set(new) & set(OUTPUTS):
            self.host.write(f".deploy/staging/{folder}/index.js", code)
        told = {"revision": self.host.commit(code), "task": "deploy", "live": live}
        names = swapped_paths(new, self.host.made)
        run = self.host.swap(names, {}, **told, **self.left(made))
        self.host.start()
        if healthy(self.host.running):
            self.host.forget_older(run)
            return
        self.host.swap_back(run, {})
        self.host.start()

    def left(self, made: dict) -> dict:
        """Return what a commit is told of the state that it leaves."""
        state, content = made.get("state", ""), made.get("content", "")
        return {"left": state, "left_content": content, "left_verdict": self.verdict()}

    @rule()
    def backup(self) -> None:
        """Make a backup by hand."""
        self.saved()

    @rule(times=some.integers(1, 4))
    def restart(self, times: int) -> None:
        """Restart; whether it comes up says what its backup is worth."""
        for _ in range(times):
            made = self.saved()
            self.host.start()
            self.host.mark(made["state"], verdict=self.verdict())
            self.proven = [one for one in self.proven if one != made["state"]]
            if healthy(self.host.running):
                self.proven.append(made["state"])

    @rule(quality=QUALITY, restarts=some.booleans())
    def change_env(self, quality: str, restarts: bool) -> None:
        """Change .env, with or without the restart that makes it count."""
        self.saved()
        self.host.write(".env", f"A={self.new(quality)}")
        if restarts:
            self.restart(1)

    @rule(quality=QUALITY)
    def edit_on_disk(self, quality: str) -> None:
        """Edit what was built on the host behind the running process."""
        if output := self.host.output:
            self.host.write(f"{output}/index.js", self.new(quality))

    @rule(name=some.sampled_from(["upload", "log"]))
    def app_writes(self, name: str) -> None:
        """Have the app write beside its own files."""
        if self.host.output == "dist":
            self.host.write(f"{DATA}/{name}", str(self.count))
            self.data[name] = str(self.count)

    @rule(quality=QUALITY)
    def pull_by_hand(self, quality: str) -> None:
        """Move the work tree on the host, without a restart."""
        self.host.checkout(self.host.commit(self.new(quality)))

    @rule(seconds=some.sampled_from([-10_000_000, -3600, -1, 1, 3600, 10_000_000]))
    def clock_jumps(self, seconds: int) -> None:
        """Move the host's clock."""
        self.host.shift += seconds

    @rule()
    def prune(self) -> None:
        """Prune by hand."""
        self.host.prune()

    @rule(twice=some.booleans())
    def rollback(self, twice: bool) -> None:
        """Go back; a second time goes further back."""
        if self.back() and twice:
            self.back()

    def back(self) -> bool:
        """Roll back; return whether there was a state to go to, which there is if one is listed."""
        before, seen = self.host.live, self.host.states()
        good = {
            one["state"]
            for one in seen["backups"]
            if one["verdict"] == GOOD and one["state"] != seen["state"] and not one["left"]
        }
        for target in self.host.targets(seen, undo=False):
            if self.go(target, seen, undo=False):
                assert healthy(self.host.live)
                assert self.host.live != before
                self.undo_returns(before)
                return True
        assert self.host.live == before
        assert good & set(self.proven) == set()
        return False

    def undo_returns(self, before: tuple[str, str]) -> None:
        """Check, now and then, that what was left is one undo away, and come back."""
        if self.count % 3:
            return
        seen = self.host.states()
        self.go(self.host.targets(seen, undo=True)[0], seen, undo=True, whatever=True)
        assert self.host.live == before
        seen = self.host.states()
        for target in self.host.targets(seen, undo=False):
            if self.go(target, seen, undo=False):
                break
        assert healthy(self.host.live) or self.host.live == before

    def go(self, target, seen: dict, *, undo: bool, whatever: bool = False) -> bool:
        """Make a state live as a rollback does; return whether it is healthy, else be back."""
        sources = self.host.unpack(target)
        assert sources is not None
        absent = [name for name in target.absent if name not in target.same]
        recorded = target.state.get("live") or self.host.recorded or {}
        absent += made_only_live(target, recorded, self.host.made)
        told = {
            "live": {key: recorded[key] for key in ("made", "entry") if key in recorded},
            "revision": target.revision,
            "task": "rollback",
            "backup": target.name,
            "undo": undo,
        }
        verdict, before = self.verdict(), (self.host.began, self.host.moved)
        run = self.host.swap([*sources, *absent], sources, **told, **self.left(seen))
        # A mix that never ran is no way back; files that were changed in place are the last choice.
        assert whatever or target.changed or self.host.live in self.host.ran
        self.host.start()
        if not healthy(self.host.running) and not whatever:
            self.host.mark(target.identity, verdict=BAD)
            self.host.swap_back(run, sources)
            self.host.start()
            return False
        now = self.host.began, self.host.moved
        if not whatever:
            self.host.mark(target.identity, verdict=GOOD, left=False)
            self.host.adopt(target.identity)
        if seen["state"] and not undo:
            self.host.mark(seen["state"], left=True)
        self.host.began, self.host.moved = before
        left = self.host.backup(verdict, left=not undo, run=run)
        self.host.began, self.host.moved = now
        self.remember(left)
        self.host.forget_older(run)
        return True

    def teardown(self) -> None:
        """Leave nothing behind."""
        if hasattr(self, "host"):
            self.host.close()
        shutil.rmtree(self.folder)
