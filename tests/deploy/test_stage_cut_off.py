"""A stage that was interrupted gives way to the next one, whatever git had done of it."""

from __future__ import annotations

import os
import subprocess

import pytest

from mantodeus_ops.git.git_commands import add_worktree
from tests.support.project_dir import Project

IDENTITY = {
    f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
# Each stands in .git/worktrees/staging when `git worktree add` is killed there, from early to late.
WRITTEN = ["", "locked", "gitdir", "HEAD", "commondir", "index.lock"]


def git(project, *argv):
    """Run git in the project; return what it prints."""
    env = os.environ | IDENTITY
    argv = ["git", "-C", project.root, *argv]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("last", WRITTEN)
def test_a_stage_whose_git_was_killed_gives_way_to_the_next(tmp_path, last):
    project = Project(tmp_path)
    git(project, "init", "-q")
    git(project, "commit", "-q", "--allow-empty", "-m", "first")
    revision = git(project, "rev-parse", "HEAD")
    add = add_worktree(str(project.root), revision)
    subprocess.run(add.argv, cwd=add.cwd, check=True)
    place = project.root / ".git/worktrees/staging"
    (place / "locked").write_text("initializing\n")
    (place / "index.lock").touch()
    for name in WRITTEN[1 + WRITTEN.index(last) :]:
        (place / name).unlink()
    told = {"line": add.line(), "argv": list(add.argv), "seconds": 60}
    done = project.run("deploy/stage", commands=[told], revision=revision)
    assert (done.code, done.said) == (0, [f"$ {add.line()}"])
    assert (project.root / ".deploy/staging/.git").exists()
    assert [one.name for one in place.parent.iterdir()] == ["staging"]
