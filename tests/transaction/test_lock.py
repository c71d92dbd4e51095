import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mantodeus_ops.errors import LockHeldError, OpsError
from mantodeus_ops.events import StepOutput
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.lock import deploy_lock, freeze, unfreeze
from tests.support.fake_host import Heard, host_at, tree_of
from tests.support.lock_records import (
    Overtaken,
    abandon,
    plant,
    record,
    take_and_leave,
    verdict,
    wait_for,
    waiting,
)
from tests.support.node_snippets import with_snippet

# Takes and gives back the lock again and again; counts how often somebody else was inside too.
ROUNDS = """
const inside = path.join(project, 'inside');
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 3);
let [rounds, doubles] = [0, 0];
while (rounds < 50) {
  const token = `${process.pid}-${rounds}`;
  const me = { token, pid: process.pid, started: startedAt(process.pid), boot: bootId() };
  if (!take({ ...me, kind: 'run' }).held) { pause(); continue; }
  try { fs.closeSync(fs.openSync(inside, 'wx')); } catch { doubles += 1; }
  pause();
  fs.rmSync(inside, { force: true });
  rounds += rewrite(token, { kind: 'free' }, process.pid) ? 1 : 1000;
}
reply({ rounds, doubles });
"""


def test_a_lock_is_held_for_its_block_and_free_after_it(tmp_path):
    host = host_at(tmp_path)
    with deploy_lock(host, "deploy", ref="main") as lock:
        assert (verdict(tmp_path), lock.before) == ("held", None)
        kept = record(tmp_path)
        assert (kept["task"], kept["ref"], kept["token"]) == ("deploy", "main", lock.run)
        assert kept["who"]
        assert kept["from"]
    assert verdict(tmp_path) == "free"


def test_a_lock_is_given_back_when_its_block_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), deploy_lock(host_at(tmp_path), "deploy"):
        raise ZeroDivisionError
    assert verdict(tmp_path) == "free"


def test_everything_that_a_lock_leaves_is_private(tmp_path):
    with deploy_lock(host_at(tmp_path), "deploy"):
        assert {mode & 0o077 for mode, _ in tree_of(tmp_path).values()} == {0}


def test_a_second_holder_is_refused_at_once_and_told_whose_it_is(tmp_path):
    with deploy_lock(host_at(tmp_path), "restart"):
        began = time.monotonic()
        with pytest.raises(LockHeldError) as caught, deploy_lock(host_at(tmp_path), "deploy"):
            raise AssertionError
        assert time.monotonic() - began < 30
    assert "the lock is held by restart of " in caught.value.message
    assert (caught.value.exit_code, "deploy.follow" in caught.value.hint) == (4, True)


def test_a_dry_run_takes_no_lock_and_minds_none(tmp_path):
    before = tree_of(tmp_path)
    with deploy_lock(host_at(tmp_path, options=Options(dry_run=True)), "deploy"):
        assert tree_of(tmp_path) == before


def test_whoever_waits_gets_it_when_it_is_free_and_is_told_for_whom_he_waits(tmp_path):
    heard = Heard()
    with ThreadPoolExecutor(1) as pool:
        with deploy_lock(host_at(tmp_path), "restart"):
            waiter = pool.submit(take_and_leave, waiting(tmp_path, 60, heard=heard))
            time.sleep(1)
            assert not waiter.done()
        waiter.result(60)
    assert [note.startswith("waiting for restart of ") for note in heard.notes] == [True]


def test_whoever_waited_in_vain_is_refused(tmp_path):
    with deploy_lock(host_at(tmp_path), "restart"):
        began = time.monotonic()
        with pytest.raises(LockHeldError):
            take_and_leave(waiting(tmp_path, 1))
        assert 1 <= time.monotonic() - began < 30


def test_a_freeze_refuses_every_change_until_it_is_ended(tmp_path):
    host = host_at(tmp_path)
    freeze(host, reason="release day")
    assert verdict(tmp_path) == "frozen"
    for refused in (lambda: take_and_leave(host), lambda: freeze(host, reason="mine")):
        with pytest.raises(LockHeldError, match="deploys are frozen: release day") as caught:
            refused()
        assert "deploy.unlock" in caught.value.hint
    assert unfreeze(host)["reason"] == "release day"
    assert unfreeze(host)["verdict"] == "free"
    take_and_leave(host)


def test_a_freeze_that_is_another_by_now_stays(tmp_path):
    freeze(host_at(tmp_path), reason="mine")
    with pytest.raises(OpsError, match="the lock was taken by another run in the meantime"):
        unfreeze(host_at(tmp_path, line=Overtaken(tmp_path)))
    assert (verdict(tmp_path), record(tmp_path)["token"]) == ("frozen", "theirs")


def test_a_run_that_lives_is_neither_frozen_nor_unlocked(tmp_path):
    with deploy_lock(host_at(tmp_path), "deploy"):
        for refused in (
            lambda: freeze(host_at(tmp_path), reason=""),
            lambda: unfreeze(host_at(tmp_path)),
        ):
            with pytest.raises(LockHeldError, match="held by deploy of"):
                refused()
        assert verdict(tmp_path) == "held"


def test_a_freeze_survives_a_restart_of_the_host(tmp_path):
    plant(tmp_path, '{"kind": "freeze", "token": "t", "who": "kim", "boot": "before"}')
    with pytest.raises(LockHeldError, match="frozen"):
        take_and_leave(host_at(tmp_path))


def test_what_a_taker_left_that_was_killed_is_swept_up_by_the_next(tmp_path):
    plant(tmp_path, '{"kind": "free"}')
    dead = subprocess.Popen(["true"])
    dead.wait()
    names = [f".token.{pid}.tmp" for pid in (dead.pid, os.getpid())]
    for name in names:
        (tmp_path / ".deploy/lock" / name).touch()
    take_and_leave(host_at(tmp_path))
    left = {file.name for file in (tmp_path / ".deploy/lock").iterdir()}
    assert left == {"00000008", names[1]}


def test_of_many_processes_one_holds_it(tmp_path):
    program = tmp_path / "rounds.cjs"
    program.write_text(with_snippet("transaction/lock", ROUNDS))
    told = tmp_path / "params"
    told.write_bytes(host_at(tmp_path).params({}))
    running = []
    for _ in range(8):
        with told.open() as params:
            running.append(
                subprocess.Popen(
                    ["node", program],
                    stdout=subprocess.PIPE,
                    env=os.environ | {"OPS_PARAMS_FD": str(params.fileno())},
                    pass_fds=[params.fileno()],
                )
            )
    answers = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    assert answers == [{"rounds": 50, "doubles": 0}] * 8


def test_of_many_clients_one_holds_it(tmp_path):
    inside = tmp_path / "inside"

    def rounds(_):
        for _ in range(2):
            with deploy_lock(waiting(tmp_path, 60), "deploy"):
                inside.mkdir()
                inside.rmdir()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(rounds, range(4)))
    assert verdict(tmp_path) == "free"


def test_a_job_of_an_abandoned_run_is_watched_and_when_it_is_killed_the_lock_is_free(tmp_path):
    job = commands_job(host_at(tmp_path), "build", [Command(("sleep", "60"))])
    job.launch()
    abandon(tmp_path, "deploy")
    wait_for(tmp_path, "orphaned")

    class Killer(Heard):
        """Somebody who kills the job as soon as it is shown."""

        def emit(self, event):
            if isinstance(event, StepOutput):
                pid = (tmp_path / ".deploy/jobs" / job.id / "pid").read_text().split()[0]
                os.killpg(int(pid), signal.SIGKILL)
            super().emit(event)

    host = host_at(tmp_path, heard=Killer())
    with deploy_lock(host, "restart") as lock:
        assert (lock.before["task"], lock.before["verdict"]) == ("deploy", "dead")
    assert host.events.output == "$ sleep 60\n"
    told = [note.partition(" deploy of ")[0] for note in host.events.notes]
    assert told == ["waiting for", "the last run was interrupted:"]


def test_the_reason_of_a_freeze_comes_back_without_the_secret_that_it_was(tmp_path):
    (tmp_path / ".env").write_text("API_TOKEN=c4nary-5ecret-value\n")
    assert freeze(host_at(tmp_path), reason="c4nary-5ecret-value") == "[secret]"


def test_a_holder_s_secret_is_hidden_before_it_is_told(tmp_path):
    freeze(host_at(tmp_path), reason="c4nary-5ecret-older")
    (tmp_path / ".env").write_text("API_TOKEN=c4nary-5ecret-older\n")
    host = host_at(tmp_path)
    with pytest.raises(LockHeldError) as refused:
        freeze(host, reason="another")
    assert "c4nary" not in host.redactor.text(refused.value.message)


@pytest.mark.parametrize("left", [b"\xff", b"null", b"{"])
def test_what_unlock_says_of_a_record_that_cannot_be_read_is_so(tmp_path, left):
    freeze(host_at(tmp_path), reason="the fair")
    (record,) = (tmp_path / ".deploy/lock").iterdir()
    record.write_bytes(left)
    heard = Heard()
    host = host_at(tmp_path, heard=heard)
    assert unfreeze(host)["kind"] == "unreadable"
    assert any("00000001" in note for note in heard.notes)
    with deploy_lock(host_at(tmp_path), "deploy"):
        pass


def test_an_unlock_that_cannot_write_says_so(tmp_path):
    freeze(host_at(tmp_path), reason="the fair")
    folder = tmp_path / ".deploy/lock"
    next(folder.iterdir()).write_bytes(b"{")
    folder.chmod(0o500)
    try:
        with pytest.raises(OpsError) as refused:
            unfreeze(host_at(tmp_path))
    finally:
        folder.chmod(0o700)
    assert refused.value.code == "file-not-allowed"
