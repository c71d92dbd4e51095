"""The lock on a host as the tests look at it and leave it."""

import json
import subprocess
import time
from pathlib import Path

from mantodeus_ops.remote.answers.programs import READ_LOCK
from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.options import Options
from mantodeus_ops.transaction.lock import deploy_lock
from sandbox.processes import is_alive
from tests.support.fake_host import host_at


def record(folder):
    """Return the lock's record on the host."""
    return json.loads(max((folder / ".deploy/lock").glob("[0-9]" * 8)).read_text())


def plant(folder, text):
    """Make this the lock's newest record, as somebody left it."""
    (folder / ".deploy/lock").mkdir(parents=True)
    (folder / ".deploy/lock/00000007").write_text(text)


def abandon(folder, task):
    """Make the lock that of a run whose keeper is gone."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    held = {"kind": "run", "token": "t", "task": task, "who": "kim", "boot": boot}
    plant(folder, json.dumps({**held, "pid": gone.pid, "started": "1"}))


class Overtaken(LocalTransport):
    """A line on which somebody else freezes the app anew after our first program."""

    def __init__(self, folder):
        self.folder, self.begun = folder, 0

    def start(self, data, *, more=False):
        """Start a program; before the second one, the lock gets another token."""
        self.begun += 1
        if self.begun > 1:
            newest = max((self.folder / ".deploy/lock").glob("[0-9]*"))
            newest.write_text(json.dumps({**json.loads(newest.read_text()), "token": "theirs"}))
        return super().start(data, more=more)


def verdict(folder):
    """Return what a look at the lock says."""
    return host_at(folder).query(READ_LOCK, record={})["verdict"]


def wait_for(folder, wanted, seconds=60.0):
    """Return once a look at the lock says this."""
    deadline = time.monotonic() + seconds
    while verdict(folder) != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def waiting(folder, seconds, **more):
    """Return a host that waits so long for the lock."""
    return host_at(folder, options=Options(wait_seconds=seconds), **more)


def wait_for_end(pid, seconds=60.0):
    """Return once the process has ended."""
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def take_and_leave(host):
    """Hold the lock for a moment."""
    with deploy_lock(host, "deploy"):
        pass
