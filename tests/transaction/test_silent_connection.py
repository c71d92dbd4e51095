"""A line that falls silent, and a client that was away: who gets the lock, and who finds out."""

import json
import os
import signal
import time
from threading import Timer

import pytest

from mantodeus_ops.errors import LockHeldError
from mantodeus_ops.remote.answers.programs import MAKE_DIRECTORIES
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.lock_holder import LockHolder
from tests.support.fake_host import Heard, host_at
from tests.support.faulty_transports import FarLine
from tests.support.lock_records import record, take_and_leave, verdict, wait_for, waiting


def kept(folder, line, silent_seconds=1):
    """Return a keeper that holds the lock over this line."""
    keeper = LockHolder(
        host_at(folder, line=line), {"token": "t", "task": "deploy"}, silent_seconds
    )
    assert keeper.take()["held"]
    return keeper


@pytest.mark.slow
def test_whoever_comes_after_a_client_that_vanished_with_its_network_gets_it(tmp_path):
    line, heard = FarLine(), Heard()
    keeper = kept(tmp_path, line, silent_seconds=5)
    line.fall_silent()
    late = Timer(0.5, (tmp_path / ".deploy/lock/00000001.beat").touch)  # it was on its way
    late.start()
    take_and_leave(host_at(tmp_path, heard=heard))
    assert heard.notes[0].startswith("the holder lost its connection ")
    assert heard.notes[-1].startswith("the last run was interrupted: deploy of")
    keeper.detach()


def test_a_holder_whose_line_is_fine_is_never_robbed(tmp_path):
    keeper = kept(tmp_path, FarLine(), silent_seconds=2)
    began = time.monotonic()
    with pytest.raises(LockHeldError):
        take_and_leave(waiting(tmp_path, 3))
    assert time.monotonic() - began < 60
    assert (record(tmp_path)["token"], verdict(tmp_path)) == ("t", "held")
    keeper.release()
    assert [file.name for file in (tmp_path / ".deploy/lock").iterdir()] == ["00000001"]


def test_a_holder_whose_line_comes_back_in_time_holds_on(tmp_path):
    line = FarLine()
    keeper = kept(tmp_path, line)
    line.fall_silent()
    wait_for(tmp_path, "orphaned")
    line.come_back()
    wait_for(tmp_path, "held")
    assert record(tmp_path)["token"] == "t"
    keeper.release()
    assert verdict(tmp_path) == "free"


def change(host, name):
    """Make this directory by a program that changes the app."""
    host.call(MAKE_DIRECTORIES, backup_dir=name)


def test_a_client_that_wakes_when_its_lock_is_gone_changes_nothing_any_more(tmp_path):
    host = host_at(tmp_path)
    with deploy_lock(host, "deploy"):
        change(host, "first")
        os.kill(record(tmp_path)["pid"], signal.SIGKILL)
        with deploy_lock(host_at(tmp_path), "restart"):
            for late in (
                lambda: change(host, "during"),
                commands_job(host, "build", [Command(("touch", "never"), str(tmp_path))]).follow,
            ):
                with pytest.raises(LockHeldError, match=r"restart of .* took the lock"):
                    late()
        with pytest.raises(LockHeldError, match=r"restart of .* took the lock"):
            change(host, "after")
    change(host, "unlocked")
    made = [
        name
        for name in ("first", "during", "never", "after", "unlocked")
        if (tmp_path / name).exists()
    ]
    assert made == ["first", "unlocked"]


def test_a_client_that_wakes_in_time_takes_its_lock_again_and_goes_on(tmp_path):
    host = host_at(tmp_path)
    with deploy_lock(host, "deploy"):
        file = max((tmp_path / ".deploy/lock").glob("[0-9]" * 8))
        file.write_text(json.dumps(record(tmp_path) | {"orphaned_at": 1}))
        change(host, "mine")
        assert verdict(tmp_path) == "held"
    assert (tmp_path / "mine").is_dir()
