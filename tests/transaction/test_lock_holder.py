import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mantodeus_ops.errors import ConnectionLostError, HostError, LockHeldError
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.lock import deploy_lock
from mantodeus_ops.transaction.lock_holder import LockHolder
from tests.support.fake_host import Heard, host_at
from tests.support.faulty_transports import Dropping
from tests.support.lock_records import plant, record, take_and_leave, verdict, wait_for_end, waiting

CHECKOUT = Path(__file__).resolve().parents[2]
BOOT = Path("/proc/sys/kernel/random/boot_id")
CLIENT = """
import sys, time
from pathlib import Path
from mantodeus_ops.transaction.lock import deploy_lock
from tests.support.fake_host import host_at
with deploy_lock(host_at(Path(sys.argv[1])), "deploy", ref="main"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_dead_hold_nothing(tmp_path):
    heard = Heard()
    with deploy_lock(host_at(tmp_path), "deploy"):
        pid = record(tmp_path)["pid"]
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
        with deploy_lock(host_at(tmp_path, heard=heard), "restart") as lock:
            assert lock.before["task"] == "deploy"
    assert [note.startswith("the last run was interrupted: deploy of") for note in heard.notes] == [
        True
    ]


def test_a_holder_that_came_back_late_does_not_free_the_lock_of_the_next(tmp_path):
    keeper = LockHolder(host_at(tmp_path), {"token": "old", "task": "deploy"})
    assert keeper.take()["held"]
    os.kill(record(tmp_path)["pid"], signal.SIGKILL)
    with deploy_lock(host_at(tmp_path), "restart"):
        keeper.release()
        assert verdict(tmp_path) == "held"


def me(**changes):
    """Return a record of a holder that lives: this process."""
    started = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
    alive = {"pid": os.getpid(), "started": started, "boot": BOOT.read_text().strip()}
    return json.dumps({"kind": "run", "token": "t", "task": "deploy", "since": 1} | alive | changes)


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(me(boot="a boot before this one"), id="another boot"),
        pytest.param(me(started="1"), id="another process"),
        pytest.param(me(pid=2**22 + 1), id="no process"),
        pytest.param(me(pid=0), id="zero"),
        pytest.param(me(pid=None), id="none"),
        "",
        "garbage",
        '{"kind": "run"',
        "[]",
        "null",
        "7",
        "{}",
        '{"kind": "other"}',
    ],
)
def test_a_record_that_names_no_living_holder_holds_nothing(tmp_path, left):
    plant(tmp_path, left)
    with deploy_lock(host_at(tmp_path), "deploy") as lock:
        assert lock.before["verdict"] == "dead"
        assert verdict(tmp_path) == "held"
    assert verdict(tmp_path) == "free"


def test_a_record_of_a_living_holder_holds(tmp_path):
    plant(tmp_path, me())
    with pytest.raises(LockHeldError):
        take_and_leave(host_at(tmp_path))


def test_whoever_comes_after_a_client_that_was_killed_gets_it_soon(tmp_path):
    client = subprocess.Popen(
        [sys.executable, "-c", CLIENT, tmp_path],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
    )
    assert client.stdout.readline() == b"held\n"
    client.kill()
    client.communicate()
    began = time.monotonic()
    with deploy_lock(waiting(tmp_path, 60), "deploy") as lock:
        assert (lock.before["task"], lock.before["ref"]) == ("deploy", "main")
    assert time.monotonic() - began < 30


def test_a_job_of_a_client_that_was_killed_is_watched_to_its_end_first(tmp_path):
    heard = Heard()
    with deploy_lock(host_at(tmp_path), "deploy"):
        job = commands_job(
            host_at(tmp_path),
            "build",
            [Command(("bash", "-c", "sleep 1.5; echo built >done"), str(tmp_path))],
        )
        job.launch()
        os.kill(record(tmp_path)["pid"], signal.SIGKILL)
        with deploy_lock(host_at(tmp_path, heard=heard), "restart") as lock:
            assert (tmp_path / "done").read_text() == "built\n"
            assert lock.before["task"] == "deploy"
    assert "sleep 1.5" in heard.output


def test_a_lock_is_taken_again_after_the_line_was_mended(tmp_path):
    host = host_at(tmp_path)
    with deploy_lock(host, "deploy"):
        first = record(tmp_path)
        host.reconnect()
        again = record(tmp_path)
        assert (again["token"], again["pid"] != first["pid"]) == (first["token"], True)
        assert verdict(tmp_path) == "held"
    assert verdict(tmp_path) == "free"


def test_a_run_that_came_back_is_not_orphaned_by_its_old_keeper(tmp_path):
    told = {"token": "t", "task": "deploy"}
    old, new = LockHolder(host_at(tmp_path), told), LockHolder(host_at(tmp_path), told)
    assert old.take()["held"]
    pid = record(tmp_path)["pid"]
    assert new.take(again=True)["held"]
    old.detach()  # the host hears of the end of the old line only now
    wait_for_end(pid)
    assert verdict(tmp_path) == "held"
    new.release()
    assert verdict(tmp_path) == "free"


def test_a_lock_that_was_taken_over_while_the_line_was_down_ends_the_run(tmp_path):
    host = host_at(tmp_path)
    with deploy_lock(host, "deploy"):
        os.kill(record(tmp_path)["pid"], signal.SIGKILL)
        with (
            deploy_lock(host_at(tmp_path), "restart"),
            pytest.raises(LockHeldError, match="during the lost connection, restart of"),
        ):
            host.reconnect()


def test_a_keeper_whose_record_is_gone_goes(tmp_path):
    told = {"token": "t", "task": "deploy"}
    keepers = [LockHolder(host_at(tmp_path), told) for _ in range(3)]
    pids = []
    for keeper in keepers:
        assert keeper.take()["held"]
        pids.append(record(tmp_path)["pid"])
    keepers[0].detach()
    wait_for_end(pids[0], 5)
    for keeper in reversed(keepers[1:]):
        keeper.release()


def test_a_line_that_drops_while_the_lock_is_taken_is_mended(tmp_path):
    heard = Heard()
    with deploy_lock(host_at(tmp_path, line=Dropping(1), heard=heard), "deploy"):
        assert verdict(tmp_path) == "held"
    assert heard.notes == ["the connection was lost; reconnecting", "reconnected"]
    with pytest.raises(ConnectionLostError, match="while taking the lock"):
        take_and_leave(host_at(tmp_path, line=Dropping(2)))


def test_who_took_it_and_was_not_told_takes_it(tmp_path):
    told = {"token": "t", "task": "deploy"}
    old, new = LockHolder(host_at(tmp_path), told), LockHolder(host_at(tmp_path), told)
    assert old.take()["held"]
    assert new.take()["held"]
    new.release()
    old.detach()


def test_a_project_that_cannot_be_written_to_is_the_host_s_error(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    project.chmod(0o500)
    with pytest.raises(HostError, match=r"permission.*\.deploy/lock"):
        take_and_leave(host_at(project))
