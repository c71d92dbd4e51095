"""The locks of a git that was killed are taken away; those of one that works are not."""

from __future__ import annotations

import json
import subprocess

import pytest

from mantodeus_ops.git.git_commands import add_worktree
from tests.deploy.test_stage_cut_off import git
from tests.support.project_dir import Project

LOCKS = [
    "index.lock",
    "HEAD.lock",
    "packed-refs.lock",
    "packed-refs.new",
    "refs/remotes/origin/main.lock",
    "objects/maintenance.lock",
]


@pytest.fixture
def project(tmp_path):
    """Return a project whose git has been killed in the middle of everything."""
    project = Project(tmp_path)
    git(project, "init", "-q")
    git(project, "commit", "-q", "--allow-empty", "-m", "first")
    for name in LOCKS:
        file = project.root / ".git" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return project


def freed(project):
    """Return how many locks are taken away, and which are left."""
    done = project.run("git/clear_git_locks")
    assert done.code == 0, done.out
    return json.loads(done.out)["freed"], [
        one for one in LOCKS if (project.root / ".git" / one).exists()
    ]


def test_the_locks_of_a_dead_git_are_taken_away(project):
    assert freed(project) == (len(LOCKS), [])
    git(project, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(project, "pack-refs", "--all")
    git(project, "checkout", "-q", "--force", "--detach", "HEAD")
    assert freed(project) == (0, [])


def test_the_locks_of_a_git_that_works_stay(project):
    argv = ["git", "cat-file", "--batch"]
    with subprocess.Popen(
        argv, cwd=project.root, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as works:
        assert freed(project) == (0, LOCKS)
        works.communicate(b"", timeout=60)
    assert freed(project)[0] == len(LOCKS)


def test_a_stage_that_a_dead_git_had_only_begun_holds_up_no_fetch(tmp_path):
    project, origin = Project(tmp_path), Project(tmp_path / "origin", tmp_path / "bin")
    for one in (origin, project):
        git(one, "init", "-q")
        git(one, "commit", "-q", "--allow-empty", "-m", str(one.root))
    stage = add_worktree(str(project.root), "HEAD")
    subprocess.run(stage.argv, cwd=stage.cwd, check=True)
    for name, text in {"locked": "initializing", "HEAD": "0" * 40}.items():
        (project.root / ".git/worktrees/staging" / name).write_text(f"{text}\n")
    fetch = ["git", "fetch", "-q", str(origin.root), "+refs/heads/*:refs/remotes/origin/*"]
    assert subprocess.run(fetch, cwd=project.root, check=False).returncode
    assert freed(project)[0] == 1
    subprocess.run(fetch, cwd=project.root, check=True)
