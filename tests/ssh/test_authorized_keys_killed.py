"""`kill -9` around every process that changes authorized_keys: the old file or the new one."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from stat import S_IMODE

import pytest

from mantodeus_ops.remote.programs import shell_program
from mantodeus_ops.remote.shell import set_positional_args
from tests.support.project_dir import need

OLD, NEW = b"ssh-ed25519 AAAA old\n", b"ssh-ed25519 AAAA old\nssh-ed25519 BBBB new\n"
# None of them runs beside another, so that their order is that of the counting.
PROGRAMS = ("mkdir", "chmod", "rm", "cat", "sha256sum", "sync", "mv", "readlink")
# Counts the processes of a run; at one of them all is killed, before it or after it.
SHIM = """#!/bin/bash
echo >>{place}/calls
read -r n when <{place}/kill
here=$(wc -l <{place}/calls)
[[ $here == "$n" && $when == before ]] && kill -9 0
{real} "$@"
code=$?
[[ $here == "$n" && $when == after ]] && kill -9 0
exit $code
"""


@pytest.fixture
def home(tmp_path):
    """Return a home whose programs count themselves."""
    need("bash", *PROGRAMS)
    (tmp_path / "bin").mkdir()
    for name in PROGRAMS:
        shim = tmp_path / "bin" / name
        shim.write_text(SHIM.format(place=tmp_path, real=shutil.which(name)))
        shim.chmod(0o755)
    reset(tmp_path)
    return tmp_path


def reset(home):
    """Put the old file in its place, alone."""
    shutil.rmtree(home / ".ssh", ignore_errors=True)
    (home / ".ssh").mkdir(mode=0o700)
    keys(home).touch(mode=0o600)
    keys(home).write_bytes(OLD)


def keys(home):
    """Return the file that lets people in."""
    return home / ".ssh" / "authorized_keys"


def put(home, number=0, when="never"):
    """Have the new keys put, killed at this process; return how it ended, and how many it had."""
    (home / "kill").write_text(f"{number} {when}\n")
    (home / "calls").write_text("")
    digests = [hashlib.sha256(text).hexdigest() for text in (keys(home).read_bytes(), NEW)]
    programs = (
        shell_program("remote/prelude"),
        set_positional_args(("put", *digests, "")),
        shell_program("ssh/authorized_keys"),
    )
    text = "\n".join(programs)
    env = {"HOME": str(home), "PATH": f"{home}/bin:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", text], input=NEW, env=env, start_new_session=True, check=False
    )
    return done.returncode, len((home / "calls").read_text())


@pytest.mark.slow
def test_killed_around_any_process_the_keys_are_old_or_new_and_the_next_run_ends_it(home):
    code, processes = put(home)
    assert (code, keys(home).read_bytes()) == (0, NEW)
    assert processes >= 8
    seen = set()
    for number in range(1, processes + 1):
        for when in ("before", "after"):
            reset(home)
            assert put(home, number, when)[0] == -signal.SIGKILL
            seen.add(keys(home).read_bytes())
            assert S_IMODE(keys(home).stat().st_mode) == 0o600
            assert put(home)[0] == 0
            assert keys(home).read_bytes() == NEW
            assert [file.name for file in (home / ".ssh").iterdir()] == ["authorized_keys"]
    assert seen == {OLD, NEW}


def test_what_a_killed_one_left_goes_though_it_waits_to_be_buried(home):
    dead = subprocess.Popen(["true"])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    (home / ".ssh" / f"authorized_keys.new-{dead.pid}").touch()
    assert put(home)[0] == 0
    dead.wait()
    assert [file.name for file in (home / ".ssh").iterdir()] == ["authorized_keys"]
