"""A watch over apps: green when calm, red when one falls, and what it saw turns the verdict."""

from __future__ import annotations

import os
import signal

from tests.e2e.park import Park
from tests.e2e.world import World
from tests.e2e.zoo import SERVE, Animal

GRUMBLES = Animal(SERVE + "serve(ok); setInterval(() => console.error('grumble'), 700);")

# What a look sees of it: just gone, just starting, or back.
FALLEN = ("PM2 says", "nothing listens", "it ended by itself (signal SIGKILL)")


def test_of_two_hosts_the_one_whose_app_dies_ends_red_and_errors_come_as_they_are_written():
    with Park() as park:
        park.keep({"calm": GRUMBLES, "falls": Animal(SERVE + "serve(ok);")})
        process = park.box.spawn("fab", "-H", "calm,falls", "monitor.watch", "--minutes", "0.2")
        assert process.stderr
        assert any("[falls] healthy" in line for line in process.stderr)
        [pid] = [app["pid"] for app in park.box.manager.apps() if app["name"] == "falls"]
        os.kill(pid, signal.SIGKILL)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 7, err
        assert "error | grumble" in err
        assert any(f"[falls] {reason}" in err for reason in FALLEN)
        assert [line.split()[1] for line in out.splitlines()[1:3]] == ["online", "degraded"]
        process = park.box.spawn("fab", "-H", "calm", "monitor.watch")
        assert process.stderr
        assert any("healthy" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
        assert "looks" in out


def test_what_turns_bad_is_no_state_to_go_back_to(by_ssh: World):
    by_ssh.release(health="")
    by_ssh.run("deploy")
    by_ssh.run("backup")
    assert verdict(by_ssh) == "good"
    pid = by_ssh.machine.health()["pid"]
    watch = by_ssh.spawn("monitor.watch", "--minutes", "0.12")
    watch.until("healthy")
    os.kill(pid, signal.SIGKILL)
    row = watch.answer(7).row
    assert (row["crashes"], row["verdict"]) == (1, "bad")
    assert verdict(by_ssh) == "bad"


def verdict(world: World) -> str:
    """Return what is known of the newest backup."""
    return str(world.run("backup.list").row["backups"][0]["verdict"])
