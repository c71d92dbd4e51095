"""Every task, through both doors, whatever becomes of it: no secret comes out anywhere.

A task that is added gets a row in SCENARIOS; a test insists on it.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from fabfile import ns
from tests.e2e.canary import TELL, TELLING, Canaries, Watch, shared_folders
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
            deploy.until("the line dropped")
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


# By the name of the task, in the order in which they are gone through.
SCENARIOS: dict[str, tuple[Scenario, ...]] = {
    # A healthy restart makes the state with these secrets one that can be gone back to.
    "deploy.restart": (dry("deploy.restart"), ran("deploy.restart")),
    "deploy.setup": (dry("deploy.setup"),),
    "deploy.deploy": (
        shipped,
        given_up,
        interrupted,
        dry("deploy"),
        ran("deploy", "--ref", "no-such-branch", code=1),
    ),
    "deploy.follow": (ran("deploy.follow"), ran("deploy.follow", "--job", "none", code=None)),
    "deploy.history": (ran("deploy.history"),),
    "status": (ran("status", code=None),),
    "monitor.status": (ran("monitor", code=None),),
    "health": (ran("health"),),
    "monitor.health": (ran("monitor.health"),),
    "env.list": (ran("env"),),
    "env.set": (settled,),
    "env.unset": (dry("env.unset", "CODED_KEY"), ran("env.unset", "CODED_KEY", "--restart")),
    "env.sync": (ran("env.sync", code=None),),
    "env.check": (ran("env.check", code=None),),
    "env.diff": (ran("env.diff"),),
    "backup.create": (dry("backup"), ran("backup")),
    "backup.list": (ran("backup.list"),),
    "backup.verify": (ran("backup.verify"), ran("backup.verify", "none", code=None)),
    "backup.pull": (pulled,),
    "backup.push": (pushed,),
    "backup.prune": (dry("backup.prune"), ran("backup.prune")),
    "deploy.lock": (dry("deploy.lock"), ran("deploy.lock", "--reason", "a test")),
    "restart": (ran("restart", code=4),),
    "deploy.unlock": (dry("deploy.unlock"), ran("deploy.unlock", "--yes")),
    "rollback": (dry("rollback"), ran("rollback", "--yes")),
    "deploy.rollback": (ran("deploy.rollback", "--backup", "none", code=1),),
    "deploy.stop": (dry("deploy.stop"), ran("deploy.stop")),
    "deploy.start": (dry("deploy.start"), ran("deploy.start")),
}


def test_every_task_has_its_scenarios():
    assert set(SCENARIOS) == set(ns.task_names)


def test_no_secret_comes_out_of_any_task(world: World, tmp_path: Path):
    canaries = Canaries()
    env = world.project / ".env"
    env.write_text(world.machine.env_text() + canaries.text())
    folders = [world.box.root, tmp_path, *shared_folders()]
    with Watch(canaries, folders) as watch:
        story = Story(world, watch, tmp_path)
        for name, scenarios in SCENARIOS.items():
            for scenario in scenarios:
                scenario(story)
                assert watch.leaks == set(), name
        watch.files()
    assert watch.leaks == set()
    assert watch.looks > 100
    env.write_text(world.machine.env_text())
    story.quiet()
    world.run("deploy")


def deep(folder: Path) -> Path:
    """Return a file in a folder that is made only now."""
    place = folder / "pm2/a b/.hidden"
    place.mkdir(parents=True)
    return place / "dump.pm2"


def process(watch: Watch, *arguments: str, **env: str) -> None:
    """Have a process run until it has been looked at."""
    argv = [sys.executable, "-c", "input()", *arguments]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, env=env) as child, ExitStack() as stack:
        stack.callback(child.kill)
        seen = watch.looks
        while watch.looks < seen + 3:
            time.sleep(0.001)


def plant(place: str, watch: Watch, text: str, folder: Path) -> None:
    """Leak this on purpose."""
    match place:
        case "output":
            watch.saw("output", text)
        case "file":
            (folder / "log").write_text(text)
        case "deep file":
            deep(folder).write_text(text)
        case "arguments":
            process(watch, text)
        case "variables":
            process(watch, VARIABLE=text)


@pytest.fixture(scope="module")
def leaks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Canaries, list[str]]:
    """Return canaries, and all the lines in which an app would tell them."""
    site, canaries = tmp_path_factory.mktemp("site"), Canaries()
    (site / ".env").write_text(canaries.text())
    (site / "tell.cjs").write_text(TELL)
    argv = ["node", "-p", "require('./tell.cjs')"]
    done = subprocess.run(argv, cwd=site, capture_output=True, text=True, check=True)
    # The frame of a key is no secret, nor is the punctuation around a value.
    told = [line for line in done.stdout.splitlines() if re.search("[A-Za-z0-9]{12}", line)]
    return canaries, told


@pytest.mark.parametrize("place", ["output", "file", "deep file", "arguments", "variables"])
def test_a_leak_that_is_planted_is_found_in_every_encoding(
    place: str, leaks: tuple[Canaries, list[str]], tmp_path: Path
):
    canaries, lines = leaks
    assert len(lines) > 50
    for number, line in enumerate(lines):
        folder = tmp_path / str(number)
        folder.mkdir()
        with Watch(canaries, [folder]) as watch:
            plant(place, watch, f"before {line} after", folder)
            watch.files()
        assert watch.leaks, line


def test_nothing_is_found_where_nothing_leaks(tmp_path: Path):
    with Watch(Canaries(), [tmp_path]) as watch:
        process(watch, "an argument", VARIABLE="a value")
        (tmp_path / ".env").write_text(watch.canaries.text())
        (tmp_path / "log").write_text("KEY=[secret]\n")
        watch.files()
    assert watch.leaks == set()
