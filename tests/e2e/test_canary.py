"""Every task, through both doors, whatever becomes of it: no secret comes out anywhere.

A task that is added gets a row in SCENARIOS; a test insists on it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from fabfile import ns
from tests.e2e.canary import TELL, Canaries, Watch, shared_folders
from tests.e2e.hooked import end
from tests.e2e.pushes import delivered, installed
from tests.e2e.story import (
    Scenario,
    Story,
    dry,
    given_up,
    interrupted,
    pulled,
    pushed,
    ran,
    settled,
    shipped,
)
from tests.e2e.world import World

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
    "logs": (ran("logs", "--lines", "1000"), ran("logs", "--webhook", code=None)),
    "monitor.logs": (ran("monitor.logs", "--err", "--grep", "Error", code=None),),
    "check": (ran("check", code=None),),
    "monitor.check": (ran("monitor.check", "--after", code=None),),
    "monitor.watch": (ran("monitor.watch", "--minutes", "0.05", code=None),),
    "monitor.clean": (ran("monitor.clean", "--dry-run"), ran("monitor.clean")),
    **{
        f"ssh.{name}": (ran(f"ssh.{name}", "--dry-run", code=None),)
        for name in ("keygen", "install", "trust", "rotate")
    },
    "ssh.check": (ran("ssh.check", code=None),),
    "ssh.audit": (ran("ssh.audit", code=None),),
    "env.list": (ran("env"),),
    "env.set": (settled,),
    "env.unset": (dry("env.unset", "CODED_KEY"), ran("env.unset", "CODED_KEY", "--restart")),
    "env.sync": (ran("env.sync", code=None),),
    "env.check": (ran("env.check", code=None),),
    "env.diff": (ran("env.diff"),),
    "webhook.secret": (dry("webhook.secret"), ran("webhook.secret", code=2)),
    "webhook.install": (installed,),
    "webhook.serve": (ran("webhook.serve", code=None),),
    "webhook.ping": (ran("webhook.ping"),),
    "webhook.redeliver": (delivered, ran("webhook.redeliver", "none-such", code=1)),
    "webhook.deliveries": (ran("webhook.deliveries"),),
    "webhook.status": (ran("webhook.status", code=None),),
    "webhook.poll": (dry("webhook.poll"), ran("webhook.poll", code=None)),
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


@pytest.mark.quick
def test_every_task_has_its_scenarios():
    assert set(SCENARIOS) == set(ns.task_names)


@pytest.mark.parametrize("door", ["fab", pytest.param("inv", marks=pytest.mark.soak)])
def test_no_secret_comes_out_of_any_task(world: World, tmp_path: Path):
    world.machine.take_npm_cache()
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
    end(world)
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


@pytest.mark.quick
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


@pytest.mark.quick
def test_nothing_is_found_where_nothing_leaks(tmp_path: Path):
    with Watch(Canaries(), [tmp_path]) as watch:
        process(watch, "an argument", VARIABLE="a value")
        (tmp_path / ".env").write_text(watch.canaries.text())
        (tmp_path / "log").write_text("KEY=[secret]\n")
        watch.files()
    assert watch.leaks == set()
