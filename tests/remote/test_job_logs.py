"""A job's log holds no secret, at no moment and however the job ends."""

import base64
import json
import os
import signal
import time
from pathlib import Path

import pytest

from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from sandbox.processes import is_alive
from tests.support.fake_host import Heard, host_at

SECRET = "c4nary/with'quote+and more"
ENV = f'TOKEN="{SECRET}"\nPIN_KEY="line of a key 1\\nline of a key 2"\n'


@pytest.fixture
def begun(tmp_path):
    """Return what starts a job of one shell text, and its folder; what it began is ended."""
    (tmp_path / ".env").write_text(ENV)
    (tmp_path / "secret").write_text(SECRET)
    jobs = []

    def begin(text):
        command = Command(("bash", "-c", text), str(tmp_path))
        job = commands_job(host_at(tmp_path, heard=Heard()), "build", [command])
        job.launch()
        jobs.append(job)
        return job, tmp_path / ".deploy/jobs" / job.id

    yield begin
    for job in jobs:
        job.stop()


def log_of(folder, ending):
    """Return the log once it ends in this, without the command that it begins with."""
    deadline = time.monotonic() + 60
    while not (log := (folder / "log").read_text()).endswith(ending):
        assert time.monotonic() < deadline, log
        time.sleep(0.02)
    return log.partition("\n")[2]


def test_a_log_holds_no_secret_while_the_job_runs_nor_once_it_is_killed(begun):
    job, folder = begun("cat secret; printf .; cat .env; head -c 4 secret; sleep 30")
    log = log_of(folder, '[secret]"\n')
    assert log.startswith("[secret].TOKEN=")
    os.killpg(int((folder / "pid").read_text().split()[0]), signal.SIGKILL)
    assert (folder / "log").read_text().partition("\n")[2] == log
    del job


def test_what_comes_byte_by_byte_and_in_any_spelling_is_hidden(begun):
    spelled = json.dumps({SECRET: base64.b64encode(SECRET.encode()).decode()})
    slowly = 'while IFS= read -rN1 one; do printf %s "$one"; done'
    job, folder = begun(f"{slowly} <secret; {slowly} <<'EOF'\n{spelled}\nEOF")
    assert job.follow().code == 0
    log = log_of(folder, "}\n").partition("EOF'\n")[2]
    assert log.endswith('[secret]{"[secret]": "[secret]U="}\n')


@pytest.mark.parametrize("way", ["stdout", "stderr", "/dev/stderr", "/proc/self/fd/1"])
def test_every_way_into_the_log_is_the_filtered_one(begun, way):
    where = {"stdout": "", "stderr": " >&2"}.get(way, f" >{way}")
    job, folder = begun(f"cat secret{where}; exit 3")
    assert job.follow().code == 3
    assert log_of(folder, "[secret]\n") == "[secret]\n"


def test_a_secret_cut_by_the_end_of_its_program_shows_its_beginning_only(begun):
    job, folder = begun("head -c 5 secret; exit 4")
    assert job.follow().code == 4
    assert log_of(folder, f"{SECRET[:5]}\n") == f"{SECRET[:5]}\n"


def test_a_program_that_is_left_behind_with_the_output_does_not_hold_up_the_job(begun):
    job, folder = begun("(sleep 0.1; cat secret; sleep 60; echo late) & echo $! >child; exit 5")
    began = time.monotonic()
    assert job.follow().code == 5
    assert time.monotonic() - began < 30
    assert log_of(folder, "[secret]\n") == "[secret]\n"
    child = int((folder.parents[2] / "child").read_text())
    assert is_alive(child)
    os.kill(child, signal.SIGKILL)


@pytest.mark.parametrize("code", [137, 143])
def test_a_work_that_is_killed_ends_with_the_signal_s_code(begun, code):
    job, folder = begun(f"cat secret; kill -{code - 128} $$")
    assert job.follow().code == code
    assert "[secret]" in log_of(folder, "")


def test_what_a_stopped_program_says_last_is_kept_and_filtered(begun):
    job, folder = begun("trap 'cat secret; exit' TERM; echo ready; while :; do sleep 0.1; done")
    log_of(folder, "ready\n")
    job.stop()
    assert log_of(folder, "[secret]\n").startswith("ready\n")


def test_nothing_is_logged_unfiltered_when_the_filter_is_killed(begun):
    wait = "until [ -e go ]; do sleep 0.05; done"
    job, folder = begun(f"echo ready; {wait}; cat secret || echo no; cat secret")
    log_of(folder, "ready\n")
    filters = [pid for pid in pids() if runs(pid, f"{folder}/main.cjs")]
    assert len(filters) == 1
    os.kill(filters[0], signal.SIGKILL)
    while is_alive(filters[0]):
        time.sleep(0.01)
    (folder.parents[2] / "go").touch()
    assert job.follow().code != 0
    assert log_of(folder, "") == "ready\n"


def pids():
    """Return the processes there are."""
    return [int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit()]


def runs(pid, name):
    """Return whether this is a process with this file in its command line."""
    try:
        return name.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def test_four_megabytes_go_through_whole(begun):
    job, folder = begun("yes 'a line of a build that says a lot' | head -c 4000000; exit 6")
    assert job.follow().code == 6
    assert (folder / "log").stat().st_size > 4_000_000
