"""`python -m mantodeus_ops` is `inv` for those who have no checkout to stand in."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def run(folder, *words):
    env = {"HOME": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)}
    return subprocess.run(
        [sys.executable, "-m", "mantodeus_ops", *words],
        cwd=folder,
        env=env | {"LANG": "C.UTF-8", "OPS_INVENTORY": str(folder / "hosts.toml")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_lists_the_tasks_and_no_others_that_lie_about(tmp_path):
    (tmp_path / "tasks.py").write_text("raise SystemExit('another tasks.py was run')\n")
    done = run(tmp_path, "--list")
    assert done.returncode == 0
    assert "deploy.rollback" in done.stdout


def test_what_it_says_to_type_is_inv(tmp_path):
    done = run(tmp_path, "status", "--bogus")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "hint: inv --help status"


def test_it_ends_with_the_exit_code_of_the_task(tmp_path):
    (tmp_path / "hosts.toml").write_text("[hosts.a]\nnonsense = 1\n")
    done = run(tmp_path, "status")
    assert done.returncode == 2
    assert "unknown key" in done.stderr
