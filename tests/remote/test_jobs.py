import json
import os
import signal
import time

import pytest

from mantodeus_ops.errors import ConnectionLostError, HostError, OpsError, StepFailedError
from mantodeus_ops.remote.answers.programs import CREATE_BACKUP
from mantodeus_ops.remote.jobs import commands_job, known_job, program_job
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.shell import Command
from sandbox.processes import is_alive
from tests.support.fake_host import Heard, host_at
from tests.support.faulty_transports import CutLine, Interrupted

SECRET = "canary-c0ffee"
COUNTED = "".join(f"line {number} é漢\n" for number in range(60))


def bash(text, cwd=""):
    """Return a command that is this shell text."""
    return Command(("bash", "-c", text), cwd)


def job_at(folder, text, **more):
    """Return a job of one shell text on the host of this folder, and what is heard of it."""
    heard = Heard()
    host = host_at(folder, heard=heard, **more)
    return commands_job(host, "build", [bash(text, str(folder))]), heard


def printed(heard):
    """Return what a job printed, without the command that it showed first."""
    return heard.output.partition("\n")[2]


def wait_for(condition, seconds=60.0):
    """Return once the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def record(folder, job):
    """Return the folder of the job on the host."""
    return folder / ".deploy/jobs" / job.id


def test_a_job_shows_its_commands_and_what_they_print_and_ends_with_their_code(tmp_path):
    heard = Heard()
    texts = ("echo out; echo err >&2", "exit 7", "echo never")
    job = commands_job(host_at(tmp_path, heard=heard), "build", [bash(text) for text in texts])
    ended = job.follow()
    assert (ended.code, ended.result) == (7, {})
    assert heard.output.splitlines() == [
        "$ bash -c 'echo out; echo err >&2'",
        "out",
        "err",
        "$ bash -c 'exit 7'",
    ]


@pytest.mark.parametrize("code", [0, 1, 6, 124, 137, 255])
def test_an_exit_code_is_the_job_s_own(tmp_path, code):
    assert job_at(tmp_path, f"exit {code}")[0].follow().code == code


def test_what_a_job_leaves_on_the_host_is_private(tmp_path):
    job, _ = job_at(tmp_path, "echo x")
    job.follow()
    files = [path for path in (tmp_path / ".deploy").rglob("*") if path.is_file()]
    assert {
        path.stat().st_mode & 0o077 for path in [*files, *(tmp_path / ".deploy").rglob("*")]
    } == {0}
    assert {path.name for path in files} >= {"log", "rc", "pid"}


def test_a_job_has_no_terminal_and_nothing_to_read(tmp_path):
    job, heard = job_at(tmp_path, 'read -r line; echo "$? <$line>"; [ -t 0 ] || echo none')
    assert job.follow().code == 0
    assert printed(heard) == "1 <>\nnone\n"


def test_a_program_of_ours_gets_its_parameters_and_leaves_a_result(tmp_path):
    heard = Heard()
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/index.js").write_text("1")
    host = host_at(tmp_path, heard=heard)
    about = {"reason": "it's a test", "verdict": "unknown", "revision": ""}
    job = program_job(host, "backup", CREATE_BACKUP, paths=["dist"], about=about)
    ended = job.follow()
    assert ended.code == 0, heard.output
    assert (ended.result["reason"], ended.result["paths"]) == ("it's a test", ["dist"])


def test_a_job_survives_its_follower_and_is_followed_on_from_the_exact_byte(tmp_path):
    cuts = [1, 19, 40, 83, 84, 121, 200, 333]
    text = "for i in {0..59}; do printf 'line %s é漢\\n' $i; sleep 0.005; done; exit 3"
    job, heard = job_at(tmp_path, text, line=CutLine(cuts))
    assert job.follow().code == 3
    assert printed(heard) == COUNTED
    assert heard.notes == ["the connection was lost; reconnecting", "reconnected"] * len(cuts)


def test_a_job_is_started_once_however_often_it_is_begun(tmp_path):
    job, heard = job_at(tmp_path, "echo ran >>ran; sleep 0.3", line=CutLine([30, 30]))
    assert job.follow().code == 0
    assert (tmp_path / "ran").read_text() == "ran\n"
    assert heard.steps == []


def test_a_job_whose_line_stays_down_goes_on(tmp_path):
    text = "sleep 0.3; echo done >done"
    options = Options(reconnect_seconds=0)
    job, _ = job_at(tmp_path, text, line=CutLine([25]), options=options)
    with pytest.raises(ConnectionLostError, match="the programs there keep running"):
        job.follow()
    wait_for((tmp_path / "done").exists)


def test_somebody_else_can_follow_a_job_from_its_beginning(tmp_path):
    job, _ = job_at(tmp_path, "echo one; sleep 0.3; echo two; exit 5")
    job.launch()
    heard = Heard()
    other = known_job(host_at(tmp_path, heard=heard), job.id)
    assert (other.step, other.follow().code) == ("build", 5)
    assert printed(heard) == "one\ntwo\n"
    again = Heard()
    assert known_job(host_at(tmp_path, heard=again), job.id).follow().code == 5
    assert again.output == heard.output


def test_a_job_that_nobody_ever_began_cannot_be_followed(tmp_path):
    with pytest.raises(HostError, match="no-such-job on here cannot be followed"):
        known_job(host_at(tmp_path), "no-such-job").follow()


def test_a_job_that_was_killed_has_vanished_and_says_so(tmp_path):
    job, heard = job_at(tmp_path, "echo begun; sleep 30")
    job.launch()
    wait_for(lambda: b"begun\n" in (record(tmp_path, job) / "log").read_bytes()[-7:])
    pid = int((record(tmp_path, job) / "pid").read_text().split()[0])
    os.killpg(pid, signal.SIGKILL)
    with pytest.raises(StepFailedError, match="build on here was killed, or the host"):
        job.follow()
    assert printed(heard) == "begun\n"


def test_stopping_a_job_ends_everything_that_it_started(tmp_path):
    job, _ = job_at(tmp_path, "sleep 30 & echo $! >child; sleep 30")
    job.launch()
    wait_for(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text().strip())
    child = int((tmp_path / "child").read_text())
    assert is_alive(child)
    job.stop()
    wait_for(lambda: not is_alive(child))
    job.stop()


def test_a_job_that_ignores_being_asked_is_made_to_end(tmp_path):
    job, _ = job_at(tmp_path, "trap '' TERM; echo $$ >me; while :; do sleep 0.1; done")
    job.launch()
    wait_for(lambda: (tmp_path / "me").exists() and (tmp_path / "me").read_text().strip())
    job.stop()
    wait_for(lambda: not is_alive(int((tmp_path / "me").read_text())))


def test_stopping_a_job_that_has_ended_harms_nobody(tmp_path):
    job, _ = job_at(tmp_path, "true")
    job.follow()
    me = f"{os.getpid()} 1\n"
    (record(tmp_path, job) / "pid").write_text(me)
    job.stop()
    (record(tmp_path, job) / "rc").unlink()
    job.stop()  # the number is ours now, and it began at another time


EVENTS = (
    {"step": "swap", "status": "started"},
    {"step": "swap", "status": "ok", "seconds": 0.5},
)


def test_what_a_build_prints_is_output_and_never_a_step(tmp_path):
    lines = "".join(f"\x1e{json.dumps(event)}\n" for event in EVENTS)
    job, heard = job_at(
        tmp_path, "echo a; cat steps; cat steps >&2; echo b", line=CutLine([40, 70])
    )
    (tmp_path / "steps").write_text(lines)
    job.follow()
    assert heard.steps == []
    assert printed(heard) == "a\n" + 2 * lines.replace("\x1e", "") + "b\n"


def test_a_log_that_an_older_version_left_is_read(tmp_path):
    job, heard = job_at(tmp_path, "true")
    job.follow()
    marked = [f"\x1e{json.dumps(event)}\n" for event in EVENTS]
    hostile = ['\x1e{"step":1,"status":null}\n', '\x1e{"progress":"x","done":1e999}\n', "\x1e[]\n"]
    (record(tmp_path, job) / "log").write_text("".join(["a\n", *marked, *hostile, "\x1e{torn"]))
    heard.steps, heard.output = [], ""
    assert known_job(job.host, job.id).follow().code == 0
    assert heard.steps == [("swap", "started"), ("swap", "ok")]
    assert heard.output.startswith("a\n{")


def test_secrets_are_hidden_in_a_log_even_when_a_line_is_cut_inside_one(tmp_path):
    heard = Heard()
    host = host_at(tmp_path, heard=heard, line=CutLine([50, 55, 60]))
    host.add_secrets([SECRET])
    (tmp_path / "secret").write_text(SECRET)
    commands_job(host, "build", [Command(("cat", "secret"), str(tmp_path))]).follow()
    assert printed(heard) == "[secret]\n"


def test_a_job_that_may_be_stopped_is_stopped_by_ctrl_c(tmp_path):
    job, _ = job_at(tmp_path, "echo $$ >me; echo begun; sleep 30", line=Interrupted())
    with pytest.raises(StepFailedError, match="build was stopped; the live app is unchanged"):
        job.follow()
    wait_for(lambda: not is_alive(int((tmp_path / "me").read_text())))


def test_a_job_may_be_left_running(tmp_path):
    heard = Heard("leave")
    host = host_at(tmp_path, heard=heard, line=Interrupted())
    job = commands_job(host, "build", [bash("echo begun; sleep 0.5; echo x >done", str(tmp_path))])
    with pytest.raises(OpsError, match="build was left running on here"):
        job.follow()
    assert "[s]top it or [l]eave it" in heard.notes[-1]
    wait_for((tmp_path / "done").exists)


def test_a_job_that_must_not_be_stopped_goes_on_after_ctrl_c(tmp_path):
    job, heard = job_at(tmp_path, "echo begun; sleep 0.5; echo x >done", line=Interrupted())
    job.lasting = True
    with pytest.raises(OpsError, match="stopped watching build; it continues on here"):
        job.follow()
    assert "cannot be stopped half-way" in heard.notes[-1]
    wait_for((tmp_path / "done").exists)
