"""A git that is killed is asked again: what it did not say is never taken for an answer."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from tests.support.project_dir import Project

DIES = """#!/bin/sh
echo >>{count}
[ $(wc -l <{count}) -gt {times} ] || kill -KILL $$
exec {git} "$@"
"""
ASKED = {
    "run": "reply(run(['git', '--version']));",
    "runAsync": "runAsync(['git', '--version']).then(reply);",
}


def asked(place, how, times):
    """Return how a git ended that is killed so many times."""
    fakes, count = place / "fakes", place / "count"
    fakes.mkdir()
    count.touch()
    (fakes / "git").write_text(DIES.format(count=count, times=times, git=shutil.which("git")))
    (fakes / "git").chmod(0o755)
    project = Project(place, path=f"{fakes}:{os.environ['PATH']}")
    return json.loads(project.run("redaction/app_secrets", after=ASKED[how]).out)


@pytest.mark.parametrize("how", ASKED)
def test_a_git_that_was_killed_once_is_asked_again(tmp_path, how):
    done = asked(tmp_path, how, 1)
    assert done["code"] == 0
    assert done["stdout"].startswith("git version")


@pytest.mark.parametrize("how", ASKED)
def test_a_git_that_is_killed_each_time_has_failed(tmp_path, how):
    assert asked(tmp_path, how, 9)["code"] == 128
