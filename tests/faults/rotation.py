"""A key that is being replaced meets a fault: a login always works, and the next run ends it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mantodeus_ops.remote.connect import accepts_key
from sandbox import Sandbox
from sandbox.box import PROGRAMS
from sandbox.commands import CHECKOUT
from tests.e2e.test_refusals import way
from tests.e2e.test_rotate import ROTATE, others, own_key, settled
from tests.e2e.world import World
from tests.faults.faults import Tried
from tests.faults.points import Point

LIMIT = 120


class Ring:
    """A host without an app, whose key is replaced again and again."""

    def __init__(self) -> None:
        self.world = World(Sandbox().start(), "fab")
        self.log = self.world.box.root / "struck"

    def traced(self, point: Point) -> None:
        """Replace the key, with the tracer around the client, or around all of the host."""
        told = {"point": point.number, "how": point.how, "lasting": point.lasting}
        told |= {"below": str(self.world.box.root), "log": str(self.log)}
        tracer = [sys.executable, "-m", "tests.faults.tracer"]
        self.log.unlink(missing_ok=True)
        if point.how != "host":
            self._rotate(*tracer, json.dumps(told))
            return
        keys = {"below": str(self.world.machine.home), "how": "kill"}
        with self._host_under(*tracer, json.dumps(told | keys)):
            self._rotate()

    @contextmanager
    def _host_under(self, *words: str) -> Iterator[None]:
        sshd = self.world.machine.sshd
        sshd.under = words
        sshd.again(**sshd.options)
        try:
            yield
        finally:
            sshd.under = ()
            sshd.again(**sshd.options)

    def _rotate(self, *under: str) -> None:
        subprocess.run(
            [*under, str(PROGRAMS / "fab"), "-H", "manager", *ROTATE],
            cwd=CHECKOUT,
            env=self.world.box.env(),
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )

    def tried(self, kind: str, point: Point) -> Tried:
        """Strike at this point; return what came of it."""
        with own_key(self.world) as key:
            shutil.copy(key, key.with_name("before"))
            kept = others(self.world)
            self.traced(point)
            text = self.log.read_text() if self.log.exists() else ""
            about = json.loads(text) if text else {}
            where = f"{about.get('call', '')} {Path(str(about.get('place', ''))).name}"
            wrong: tuple[str, ...] = ()
            try:
                self._held(key, kept, rotated=not about)
            except AssertionError as error:
                wrong = (str(error)[-900:],)
        return Tried(
            kind,
            "ssh.rotate",
            str(point.number),
            struck=bool(about),
            survived=not wrong,
            seconds=round(time.time() - about["at"], 2) if about else 0.0,
            again="ssh.rotate",
            where=where,
            wrong=wrong,
        )

    def end(self) -> None:
        """End everything that runs here."""
        self.world.end()

    def _held(self, key: Path, kept: list[str], *, rotated: bool) -> None:
        assert accepts_key(way(self.world)), "locked out"
        assert others(self.world) == kept, "a line of somebody else is changed"
        public = (
            key.with_name("id.pub").read_text().split()[1]
            if key.with_name("id.pub").exists()
            else ""
        )
        old = key.with_name("before")
        if not rotated and (
            not public
            or accepts_key(way(self.world).with_identity(str(old)))
            or len(list(key.parent.iterdir())) > 3
        ):
            self.world.run(*ROTATE)
        settled(self.world, key, old)
        assert others(self.world) == kept, "a line of somebody else is changed"
