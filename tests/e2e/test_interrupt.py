"""Whatever is cut off, the app runs one whole version, and the next deploy needs no help."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from sandbox import processes
from tests.e2e.gates import gates
from tests.e2e.watched import Watched
from tests.e2e.world import World

SLOW = {"start": "slow", "seconds": 1.5}
GATED = ("fetch", "install", "build", "backup", "checkout", "reload")


def cut(world: World) -> None:
    """Cut the line: end both processes of every session."""
    sessions = world.box.sshd_sessions()
    assert sessions
    for pid in sessions:
        os.kill(pid, signal.SIGKILL)


def test_a_line_that_is_cut_in_every_step_is_mended_each_time(by_ssh: World):
    revision = by_ssh.release(**SLOW)
    with gates(by_ssh, *GATED) as closed:
        deploy = by_ssh.spawn("deploy", "--force-install")
        for times, step in enumerate(GATED, 1):
            closed[step].reached(deploy)
            deploy.in_step(step)
            cut(by_ssh)
            deploy.until("the connection was lost", times=times)
            closed[step].open()
        deploy.in_step("health")
        cut(by_ssh)
    assert deploy.answer().row["status"] == "success"
    assert deploy.said.count("reconnected") == len(GATED) + 1
    assert by_ssh.serves(revision)


@pytest.mark.parametrize("step", ["boot", "health"])
def test_a_line_that_is_cut_while_a_version_starts_is_mended(by_ssh: World, step: str):
    revision = by_ssh.release(**SLOW)
    deploy = by_ssh.spawn("deploy", "--skip-backup")
    deploy.in_step(step)
    cut(by_ssh)
    assert deploy.answer().row["status"] == "success"
    assert by_ssh.serves(revision)


@pytest.mark.parametrize("step", ["install", "checkout"])
def test_without_reconnecting_the_next_deploy_goes_on_by_itself(by_ssh: World, step: str):
    revision = by_ssh.release()
    with gates(by_ssh, step) as closed:
        deploy = by_ssh.spawn("deploy", "--force-install", OPS_RECONNECT="0")
        closed[step].reached(deploy)
        deploy.in_step(step)
        cut(by_ssh)
        row = deploy.answer(3).row
        closed[step].open()
    assert "follow" in row["hint"]
    by_ssh.run("deploy")
    assert by_ssh.serves(revision)


def test_a_client_that_is_killed_in_every_step_never_needs_cleaning(world: World):
    for step in GATED:
        revision = world.release()
        anew = ("--force-install",) if step == "install" else ()
        with gates(world, step) as closed:
            deploy = world.spawn("deploy", *anew)
            closed[step].reached(deploy)
            deploy.kill()
    world.run("deploy")
    assert world.serves(revision)


@pytest.mark.parametrize(
    "step", ["checkout", pytest.param("reload", marks=pytest.mark.quick), "health"]
)
def test_a_killed_activation_is_recovered_by_the_next_deploy(world: World, step: str):
    world.release(**(SLOW if step == "health" else {}))
    deploy = killed_commit(world, step)
    assert "killed" in deploy.answer(1).error
    revision = world.release()
    answer = world.run("deploy")
    assert "interrupted" in answer.err
    assert "recovered" in answer.err
    assert world.serves(revision)


def test_a_killed_commit_is_put_right_even_when_the_next_release_is_no_good(world: World):
    before = world.machine.page()
    world.release()
    killed_commit(world, "reload").answer(1)
    world.release(build="fail")
    world.run("deploy", code=1)
    assert world.serves(before)


def killed_commit(world: World, step: str) -> Watched:
    """Begin a deploy, and kill its commit on the host in this step."""
    if step == "health":
        deploy = world.spawn("deploy", "--skip-backup")
        deploy.in_step(step)
        kill_job(world, "deploy")
        return deploy
    with gates(world, step) as closed:
        deploy = world.spawn("deploy", "--skip-backup")
        closed[step].reached(deploy)
        kill_job(world, "deploy")
    return deploy


def kill_job(world: World, name: str) -> None:
    """Kill the newest job of this name, and everything that it started."""
    job = max((world.project / ".deploy/jobs").glob(f"*-{name}-*"))
    os.killpg(int((job / "pid").read_text().split()[0]), signal.SIGKILL)


def test_a_second_person_can_follow_what_runs(world: World):
    revision = world.release()
    with gates(world, "build") as closed:
        deploy = world.spawn("deploy")
        closed["build"].reached(deploy)
        other = world.spawn("deploy.follow")
        other.until("npm run build")
        closed["build"].open()
        assert "-build-" in other.answer().row["job"]
        assert f"built {revision[:12]}" in other.said
        deploy.answer()


def test_ctrl_c_in_a_build_ends_it_and_leaves_the_app_alone(world: World):
    before, pid = world.machine.page(), world.machine.health()["pid"]
    revision = world.release(build="slow", seconds=30)
    deploy = world.spawn("deploy")
    deploy.in_step("build")
    time.sleep(1)  # npm and node are up
    deploy.process.send_signal(signal.SIGINT)
    assert "stopped" in deploy.answer(1, timeout=15).error
    staging = world.project / ".deploy/staging"
    assert [pid for pid in processes.everyone() if works_in(pid, staging)] == []
    assert world.serves(before)
    assert world.machine.health()["pid"] == pid
    assert revision != before


def works_in(pid: int, folder: Path) -> bool:
    """Return whether a process lives, and has this as its working folder."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder and processes.is_alive(pid)
    except OSError:  # gone, or somebody else's
        return False
