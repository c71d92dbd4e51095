"""The recipes of the README, word by word: the shell script, the chain, the lines of cron."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sandbox.box import PROGRAMS
from tests.e2e.world import World
from tests.pages import CHECKOUT, Block, blocks

pytestmark = pytest.mark.soak


def recipe(heading: str, number: int = 0) -> Block:
    """Return a block of the README, counted under its heading."""
    return [block for block in blocks("README.md") if block.heading == heading][number]


def run(world: World, script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a person would, in a folder `ops` at home that holds the tasks."""
    ops = home / "ops"
    if not ops.exists():
        ops.mkdir()
        for name in ("fabfile", "tasks.py", "fabric.yaml"):
            (ops / name).symlink_to(CHECKOUT / name)
    env = world.box.env()
    known = {**env, "HOME": str(home), "PATH": f"{PROGRAMS}:{env['PATH']}"}
    argv = ["bash", "-c", script]
    return subprocess.run(argv, cwd=ops, env=known, capture_output=True, text=True, check=False)


def test_the_shell_script_says_what_came_of_it(by_ssh: World, tmp_path: Path):
    script = "\n".join(recipe("In a shell script").lines)
    revision = by_ssh.release()
    done = run(by_ssh, script, tmp_path)
    assert (done.returncode, done.stdout) == (0, f"live: {revision}\n"), done
    by_ssh.release(build="fail")
    done = run(by_ssh, script, tmp_path)
    assert (done.returncode, done.stdout.startswith("failed: build failed")) == (1, True), done
    assert "; next: fab -H manager " in done.stdout
    by_ssh.release()


def test_a_chain_ends_at_the_first_task_that_fails(by_ssh: World, tmp_path: Path):
    (line,) = recipe("In a shell script", 1).lines
    revision = by_ssh.release()
    assert run(by_ssh, line.replace("--minutes 5", "--minutes 0.05"), tmp_path).returncode == 0
    assert by_ssh.serves(revision)
    by_ssh.release()
    by_ssh.machine.pm2("stop", "manager")
    assert run(by_ssh, line, tmp_path).returncode == 7
    assert by_ssh.git("rev-parse", "HEAD") == revision
    by_ssh.run("restart")


def test_each_line_of_cron_does_its_work_and_says_nothing_when_all_is_well(
    by_ssh: World, tmp_path: Path
):
    lines = [line.split(None, 5)[5] for line in recipe("From cron").lines if "ops" in line[12:]]
    assert len(lines) == 3
    for line in lines:
        done = run(by_ssh, line, tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    by_ssh.machine.pm2("stop", "manager")
    assert '"ok":false' in run(by_ssh, lines[-1], tmp_path).stdout
    by_ssh.run("restart")
