"""Settings that an account has for its git change nothing that is read, and run nothing."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from mantodeus_ops.git.git import GIT, GIT_ENV
from mantodeus_ops.remote.answers.programs import FACTS
from tests.support.fake_host import host_at
from tests.support.git_repositories import Cloned, git, hostile_home

SCRIPTS = Path(__file__).resolve().parents[2] / "mantodeus_ops"


@pytest.fixture
def cloned(tmp_path):
    """Return a clone with edits of several kinds, and a remote that has gone on."""
    found = Cloned(tmp_path, **{"a.txt": "a\n" * 9, "b.txt": "b\n", ".env.example": "A=1\n"})
    found.revision = found.push("Café", **{"é.txt": "e\n", "new.txt": "n\n"})
    found.fetch()
    git(found.root, "mv", "a.txt", "c.txt")
    (found.root / "b.txt").write_text("edited\n")
    (found.root / "new.txt").write_text("in the way\n")
    (found.root / "é.txt").write_text("in the way\n")
    found.home, found.mark = hostile_home(tmp_path)
    return found


def look(cloned):
    """Return what a look says of git."""
    return json.loads(cloned.project.run("app/facts", after="runMain(gitFacts);").out)


def states(cloned):
    """Return the subject of a revision."""
    code = f"reply(ourGit(['log', '--no-walk', '--format=%H %s', '{cloned.revision}']).stdout)"
    return json.loads(cloned.project.run("git/git", after=code).out)


@pytest.mark.parametrize("ask", [lambda one: one.target("main"), look, states])
def test_nothing_that_git_says_is_another_under_the_account_s_own_settings(cloned, ask):
    plain = ask(cloned)
    cloned.project.home = cloned.home
    told = ask(cloned)
    assert told == plain, told
    assert not cloned.mark.exists()


def test_what_is_in_the_way_is_seen_whatever_is_ignored_and_where_it_was_moved(cloned):
    cloned.project.home = cloned.home
    assert sorted(cloned.target("main")["in_the_way"]) == ["new.txt", "é.txt"]
    assert sorted(look(cloned)["dirty"]) == ["a.txt", "b.txt", "c.txt"]
    assert cloned.target("main")["subject"] == "Café"


def test_a_folder_or_a_link_in_the_place_of_a_file_is_in_the_way(cloned):
    cloned.push(**{"deep/er/file": "x\n", "linked/file": "y\n"})
    cloned.fetch()
    (cloned.root / "deep").write_text("a file\n")
    (cloned.root / "linked").symlink_to("/nowhere")
    assert {"deep", "linked"} <= set(cloned.target("main")["in_the_way"])


def test_variables_of_a_login_that_are_for_its_own_git_reach_none_of_ours(cloned, monkeypatch):
    host = host_at(cloned.root)
    plain = host.query(FACTS, want=[], history=1)["git"]
    for name in ("DIR", "WORK_TREE", "INDEX_FILE", "OBJECT_DIRECTORY", "NAMESPACE"):
        monkeypatch.setenv(f"GIT_{name}", "/nowhere")
    for name in ("EXTERNAL_DIFF", "PAGER", "EDITOR"):
        monkeypatch.setenv(f"GIT_{name}", str(cloned.home / "program"))
    monkeypatch.setenv("GIT_TRACE", "1")
    assert host.query(FACTS, want=[], history=1)["git"] == plain
    assert plain["head"] == cloned.first
    assert not cloned.mark.exists()


def test_both_languages_run_git_alike(cloned):
    told = json.loads(cloned.project.run("git/git", after="reply([GIT, remoteEnv(15)]);").out)
    assert tuple(told[0]) == GIT
    assert {name: told[1][name] for name in GIT_ENV} == GIT_ENV


@pytest.mark.parametrize("place", ["config", "variable", "neither"])
def test_the_ssh_that_git_is_set_to_use_is_used_with_our_options_on_top(cloned, place):
    log = cloned.home / "log"
    ssh = cloned.home / "my ssh"
    ssh.write_text(f'#!/bin/sh\nprintf "%s|" "$0" "$@" >>{log}\nexit 1\n')
    ssh.chmod(0o755)
    (cloned.home / "ssh").symlink_to(ssh)
    git(cloned.root, "remote", "set-url", "origin", "ssh://me@example.org:2222/x.git")
    env = {"PATH": f"{cloned.home}:{os.environ['PATH']}"}
    if place == "config":
        git(cloned.root, "config", "core.sshCommand", f"'{ssh}' -i 'a key'")
    if place == "variable":
        env["OPS_GIT_SSH"] = f"'{ssh}' -i 'a key'"
    asks = "ourGit(['ls-remote', 'origin'], { env: remoteEnv(15) });"
    cloned.project.run("git/git", after=f"Object.assign(process.env, {json.dumps(env)});\n{asks}")
    used = log.read_text()
    assert ("-i|a key|" in used) == (place != "neither")
    assert "-o|BatchMode=yes|-o|ConnectTimeout=15|" in used
    assert "-p|2222|me@example.org|" in used


def test_no_program_asks_git_in_another_way():
    """There is one place per language that puts git's words together; hints are for people."""
    direct = re.compile(r"""\[\s*'git'|\(\s*['"]git['"]\s*,""")
    texts = {path: path.read_text() for path in SCRIPTS.rglob("*") if path.suffix in {".py", ".js"}}
    found = {path.name for path, text in texts.items() if direct.search(text)}
    only_shown = {"plan_commands.py", "preview.py", "preflight.py"}
    assert found - only_shown == {"git.js", "git.py"}
