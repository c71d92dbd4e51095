"""The checklists on a real host, the wrong question, and a daemon that is gone."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import Any

import pytest

from sandbox import processes
from tests.e2e.world import Answer, World


def lines(answer: Answer) -> dict[str, dict[str, Any]]:
    """Return the lines of a checklist by name."""
    return {line["name"]: line for line in answer.row["lines"]}


@pytest.mark.quick
def test_both_checklists_on_a_host_on_which_all_is_well(by_ssh: World):
    by_ssh.release()
    row = by_ssh.run("deploy").row
    with by_ssh.settings(critical_urls=[by_ssh.machine.url]):
        before, after = lines(by_ssh.run("check")), lines(by_ssh.run("check", "--after"))
    assert {line["result"] for line in before.values()} == {"ok"}
    assert {line["result"] for line in after.values()} == {"ok"}
    assert after["backup was made"]["evidence"] == row["backup"]
    assert row["checks"]["deploy completed"] == "ok"
    assert row["checks"]["critical features work"] == "warning"


def test_what_is_wrong_is_found_with_the_command_that_mends_it(by_ssh: World):
    (by_ssh.project / "package.json").write_text('{"edited": "by hand"}')
    by_ssh.machine.pm2("stop", "manager")
    seen = lines(by_ssh.run("check", code=7))
    failed = {name: line["mend"] for name, line in seen.items() if line["result"] == "fail"}
    assert set(failed) == {"status passes", "no uncommitted changes", "health endpoint answers"}
    assert failed["status passes"] == "fab -H manager restart"
    by_ssh.reset()
    by_ssh.run("restart")
    by_ssh.run("check")


def test_the_forms_of_the_question_that_the_app_refuses_are_told_at_once(by_ssh: World):
    bare = f"{by_ssh.machine.url}api/trpc/system.health"
    old = f"{bare}?input=%7B%22timestamp%22%3A{{timestamp}}%7D"
    for url in (bare, old):
        with by_ssh.settings(health_url=url, health={"wait": 0, "retries": 2, "delay": 0.3}):
            began = time.monotonic()
            answer = by_ssh.run("health", code=7)
            assert time.monotonic() - began < 5
        assert "it answered 400" in answer.row["error"]
        assert "BAD_REQUEST" in answer.row["error"] or "invalid_type" in answer.row["error"]
        assert "%22json%22" in answer.row["hint"]
    by_ssh.run("health")


def test_a_dead_daemon_is_told_from_a_missing_app_and_looking_starts_none(by_ssh: World):
    home = by_ssh.machine.pm2_home
    with by_ssh.settings(app="another"):
        missing = by_ssh.run("status", code=7).row
    assert (missing["pm2_status"], missing["status"]) == ("missing", "offline")
    pid = int((home / "pm2.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        frozen = by_ssh.run("status", code=7).row
        assert "does not answer" in frozen["error"]
    finally:
        os.kill(pid, signal.SIGCONT)
    children = processes.family(pid)[1:]
    os.kill(pid, signal.SIGKILL)
    for task in ("status", "health", "check"):
        row = by_ssh.run(task, code=7).row
        assert "the PM2 daemon is not running" in row["error"]
    assert by_ssh.run("status", code=7).row["pm2_status"] == "daemon down"
    assert not processes.with_variable("PM2_HOME", str(home)) or not daemons(by_ssh)
    processes.end(children)
    by_ssh.run("restart")
    by_ssh.run("status")


def daemons(world: World) -> list[int]:
    """Return the daemons of this world's PM2 that live."""
    there = processes.with_variable("PM2_HOME", str(world.machine.pm2_home))
    return [pid for pid in there if processes.mentions(pid, "God Daemon")]


def test_a_remote_that_never_answers_is_not_waited_for(by_ssh: World):
    by_ssh.release()
    assert (
        by_ssh.run("status").row["behind"] is None
    )  # there is something, and it is not fetched yet
    by_ssh.run("deploy")
    assert by_ssh.run("status").row["behind"] == 0
    url = by_ssh.git("remote", "get-url", "origin")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_url = f"http://127.0.0.1:{silent.getsockname()[1]}/app.git"
        by_ssh.git("remote", "set-url", "origin", silent_url)
        began = time.monotonic()
        row = by_ssh.run("status").row
        by_ssh.git("remote", "set-url", "origin", url)
    assert time.monotonic() - began < 12
    assert row["behind_reason"] == "the remote gave no answer in 3 s"
