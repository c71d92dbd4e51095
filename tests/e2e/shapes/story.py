"""The story of every shape: set up, changed, broken, rolled back and reverted on two hosts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.shapes.shape import Shape
from tests.e2e.shapes.site import Site


class Story:
    """One shape on its two hosts; `seconds` has how long each step took."""

    def __init__(self, shape: Shape, site: Site) -> None:
        self.shape = shape
        self.site = site
        self.first = site.hosts[0]
        self.every = ",".join(site.hosts)
        self.seconds: dict[str, float] = {}
        self.revisions: dict[str, str] = {}
        self._data = b""

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step takes."""
        began = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - began, 1)

    def ship(self, step: str, hosts: str, version: str, *task: str) -> None:
        """Release a version and deploy it to these hosts."""
        self.revisions[version] = self.site.release(version)
        with self.timed(step):
            rows = self.site.on(hosts, *task).rows
        self.site.is_said(rows, self.revisions[version])

    def lives(self, *versions: str, ask: bool = False) -> None:
        """Insist that the hosts run these versions, and that the app has lost nothing it wrote."""
        running = dict(zip(self.site.hosts, versions, strict=False))
        self.site.runs(running, self.revisions)
        if ask:
            self.site.asked(running, self.revisions)
        data = self.site.data(self.first)
        assert self.shape.data.endswith(".db") or data.startswith(self._data)
        assert len(data) >= len(self._data)
        self._data = data

    def tell(self) -> None:
        """Tell it from the first deploy to the revert."""
        self.settle()
        self.change()
        self.be_refused("3")
        self.go_back()
        self.revert()

    def tell_in_short(self) -> None:
        """Tell of one host, from the first deploy to a rollback."""
        self.settle()
        self.ship("change", self.first, "2", "deploy")
        self.lives("2")
        self.be_refused("2")
        self.roll_back("rollback", "1")

    def settle(self) -> None:
        """Deploy the first version to all hosts."""
        self.ship("setup", self.every, "1", "deploy.setup")
        self.lives(*["1"] * len(self.site.hosts))

    def change(self) -> None:
        """Deploy two changes that a visitor sees, to one of them."""
        for version, step in (("2", "deploy"), ("3", "change")):
            self.ship(step, self.first, version, "deploy")
            self.lives(version, "1")

    def be_refused(self, live: str) -> None:
        """Deploy a version that must not go live, over one that does."""
        self.site.release_broken()
        with self.timed("broken"):
            answer = self.site.on(self.first, "deploy", code=self.shape.code)
        told = answer.error + answer.err
        assert self.shape.says in told, told
        self.lives(live, ask=True)

    def go_back(self) -> None:
        """Roll back, roll back again, and undo that."""
        self.roll_back("rollback", "2")
        self.roll_back("again", "1")
        self.roll_back("undo", "2", "--undo")

    def roll_back(self, step: str, version: str, *options: str) -> None:
        """Roll back to this version."""
        with self.timed(step):
            rows = self.site.on(self.first, "rollback", *options).rows
        self.site.is_said(rows, self.revisions[version])
        self.lives(version)

    def revert(self) -> None:
        """Deploy to both hosts; as the second cannot build it, the first goes back."""
        self.site.cannot_build(self.site.hosts[1:])
        self.revisions["4"] = self.site.release("4")
        with self.timed("revert"):
            rows = self.site.on(self.every, "deploy", "--on-failure", "revert", code=1).rows
        assert [row["status"] for row in rows] == ["reverted", "failed"], rows
        self.site.cannot_build([])
        self.lives("2", "1", ask=True)
