"""One world told in full voice: every task of it is run with all debug flags, and listened to."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.canary import TELL, TELLING, Watch
from tests.e2e.gates import gates
from tests.e2e.test_interrupt import cut
from tests.e2e.watched import Watched
from tests.e2e.world import World

DEBUG = {"INVOKE_DEBUG": "1", "OPS_DEBUG": "1"}
HOOKS = ("before_build", "after_build", "before_commit", "after_commit", "on_failure")
LOUD = """
const { createRequire } = await import("node:module");
const told = createRequire(`${process.cwd()}/`)("./tell.cjs");
console.log(told);
console.error(told);
"""
DYING = "if (process.env.pm_id) throw new Error(told);"


class Story:
    """One world, of which everything is heard and seen."""

    def __init__(self, world: World, watch: Watch, folder: Path) -> None:
        self.world, self.watch, self.folder = world, watch, folder
        self._source = (world.box.origin.work / "src/index.js").read_text()
        self._turn = 0

    def begin(self, *task: str) -> Watched:
        """Start a task with every debug flag; each second one answers in JSON."""
        self._turn += 1
        host = ("-H", self.world.name) if self.world.door == "fab" else ()
        form = ("--json",) if self._turn % 2 else ()
        argv = ("-d", *host, *task, *form)
        return Watched(self.world, self.world.box.spawn(self.world.door, *argv, **DEBUG))

    def end(self, watched: Watched, code: int | None) -> str:
        """Wait for its end; look at all that it said."""
        watched.process.wait(120)
        watched._join()
        said = watched.said + watched._out
        self.watch.saw(f"output of {watched.process.args}", said)
        if code is not None:
            assert watched.process.returncode == code, said[-4000:]
        return said

    def run(self, *task: str, code: int | None = 0) -> str:
        """Run a task; return what it said."""
        return self.end(self.begin(*task), code)

    def release(self, more: str = "") -> None:
        """Release an app that tells all its secrets whenever it starts, and then does more."""
        marker = "await misbehaveAtStart();\n"
        source = self._source.replace(marker, f"{LOUD}{more}\n{marker}")
        self.world.release({"tell.cjs": TELL, "src/index.js": source})

    @contextmanager
    def loud(self) -> Iterator[None]:
        """Let the build and every hook tell all secrets."""
        health = {"wait": 0, "retries": 6, "delay": 0.5}
        build = f"{TELLING} && {TELLING} >&2 && npm run build"
        hooks = {name: [TELLING] for name in HOOKS}
        with self.world.settings(build_command=build, hooks=hooks, health=health):
            yield

    def quiet(self) -> None:
        """Release the app as it was."""
        self.world.release({"src/index.js": self._source})


Scenario = Callable[[Story], object]


def ran(*task: str, code: int | None = 0) -> Scenario:
    """Return the scenario of a task that is run so."""
    return lambda story: story.run(*task, code=code)


def dry(*task: str) -> Scenario:
    """Return the scenario of a task that is only planned."""
    return ran(*task, "--dry-run")


def shipped(story: Story) -> None:
    """Deploy in full voice; the line of `fab` drops in the middle of the build."""
    story.release()
    with story.loud(), gates(story.world, "build") as closed:
        deploy = story.begin("deploy")
        closed["build"].reached(deploy)
        story.watch.files()
        if story.world.door == "fab":
            cut(story.world)
            deploy.until("the connection was lost")
        closed["build"].open()
        said = story.end(deploy, 0)
    assert said.count("[secret]") > 100


def given_up(story: Story) -> None:
    """Deploy a version that tells why it dies, and tells everything."""
    story.release(DYING)
    with story.loud():
        story.run("deploy", "--skip-backup", code=5)


def interrupted(story: Story) -> None:
    """Press Ctrl-C in the middle of the build."""
    story.release()
    with story.loud(), gates(story.world, "build") as closed:
        deploy = story.begin("deploy", "--skip-backup")
        closed["build"].reached(deploy)
        deploy.process.send_signal(signal.SIGINT)
        assert "stopped" in story.end(deploy, 1)
    story.watch.files()


def pushed(story: Story) -> None:
    """Bring an archive back from where it was pulled to."""
    (archive, *_) = story.folder.rglob("*.tar.gz")
    story.run("backup.push", "--file", str(archive), code=None)


def pulled(story: Story) -> None:
    """Fetch the newest backup."""
    story.run("backup.pull", "--to", str(story.folder))


def given(story: Story, *task: str, code: int = 0) -> None:
    """Give a variable a value that is a secret of its own, out of a file."""
    place = story.folder / "value/.env"
    place.parent.mkdir(exist_ok=True)
    place.write_text(f'it\'s #1 "{story.watch.canaries.cores[0]}"\nand a second line\n')
    story.run(*task, "--from-file", str(place), code=code)


def settled(story: Story) -> None:
    """Set a variable in every way that it may end."""
    given(story, "env.set", "PLAIN_TOKEN", "--dry-run")
    given(story, "env.set", "PLAIN_TOKEN")
    given(story, "env.set", "QUOTED_SECRET", "--restart")
    with story.world.settings(health={"wait": 0, "retries": 4, "delay": 0.5}):
        given(story, "env.set", "PORT", "--restart", code=5)
    given(story, "env.set", "1A", code=2)
