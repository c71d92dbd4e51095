"""The recipes of docs/automation.md, word by word: a shell script, a chain, cron, a workflow."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sandbox.box import PROGRAMS
from sandbox.commands import base_env
from tests.e2e.world import World
from tests.support.doc_pages import CHECKOUT, Block, blocks

pytestmark = pytest.mark.soak


def recipe(heading: str, number: int = 0) -> Block:
    """Return a block of that page, counted under its heading."""
    return [block for block in blocks("docs/automation.md") if block.heading == heading][number]


def run(world: World, script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a script as a person would, in a folder `ops` at home that holds the tasks."""
    ops = home / "ops"
    if not ops.exists():
        ops.mkdir()
        for name in ("fabfile", "mantodeus_ops", "tasks.py", "fabric.yaml"):
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


class Runner:
    """A machine of GitHub's: a Python, the repository that holds `inventory/`, and a secret."""

    def __init__(self, world: World, home: Path) -> None:
        self.home, self.work = home, home / "work"
        self.secret = world.box.identity.read_text().rstrip("\n")
        self._inventory(world)
        subprocess.run([sys.executable, "-m", "venv", home / "python"], check=True)
        self.env = {
            **base_env(home, home / "python/bin"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self._github()}/.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/your-organisation/",
        }

    def _inventory(self, world: World) -> None:
        (self.work / "inventory").mkdir(parents=True)
        text = world.box.inventory.read_text().replace(str(world.box.identity), "~/.ssh/ops")
        text = re.sub(r'known_hosts = ".*"\n', "", text)
        group = '\n[groups.production]\nhosts = ["manager"]\n'
        (self.work / "inventory/hosts.toml").write_text(text + group)
        shutil.copy(world.box.known_hosts, self.work / "inventory")

    def _github(self) -> Path:
        """Return where this checkout lies as the tagged repository of an organisation."""
        repository = self.home / "github/mantodeus-ops"
        shutil.copytree(CHECKOUT, repository, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        who = ("-c", "user.name=me", "-c", "user.email=me@localhost")
        for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "All"), ("tag", "v0.1.0")):
            subprocess.run(["git", *who, *words], cwd=repository, check=True)
        return repository.parent

    def run(self, step: dict[str, object]) -> None:
        """Run a step as GitHub does, and insist on its success."""
        given = {
            name: value.replace("${{ secrets.OPS_KEY }}", self.secret)
            for name, value in step.get("env", {}).items()
        }
        argv = ["bash", "-e", "-c", step["run"]]
        done = subprocess.run(
            argv, cwd=self.work, env=self.env | given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done


def test_the_workflow_of_github_installs_the_tool_and_deploys(by_ssh: World, tmp_path: Path):
    text = (CHECKOUT / "docs/automation.md").read_text().partition("## In GitHub Actions\n")[2]
    workflow = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    runner = Runner(by_ssh, tmp_path)
    revision = by_ssh.release()
    for step in workflow["jobs"]["deploy"]["steps"]:
        assert step.keys() & {"run", "uses"}
        if "run" in step:
            runner.run(step)
    assert by_ssh.serves(revision)
