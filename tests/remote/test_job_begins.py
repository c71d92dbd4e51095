"""A job that may not begin does not; one that is to begin does, over a line that drops too."""

import json
import subprocess

import pytest

from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.programs import node_program, work_program
from mantodeus_ops.remote.shell import Command
from tests.support.fake_host import host_at
from tests.support.faulty_transports import Dropping, Halved


def test_a_job_that_was_given_up_before_it_began_never_begins(tmp_path):
    (tmp_path / "rc").write_text("vanished\n")
    text = work_program((), str(tmp_path), f"touch {tmp_path}/begun")
    subprocess.run(["bash", "-c", text], check=True)
    assert not (tmp_path / "begun").exists()


def test_a_job_that_cannot_say_who_it_is_never_begins(tmp_path):
    (tmp_path / "pid.tmp").mkdir()  # as on a full disk: nothing can be written there
    text = work_program((), str(tmp_path), f"touch {tmp_path}/begun")
    subprocess.run(["bash", "-c", text], check=False)
    assert not (tmp_path / "begun").exists()


@pytest.mark.parametrize("filters", ["cat", "exit 1"])
def test_between_work_and_its_filter_stands_nothing_that_could_be_waited_for(tmp_path, filters):
    (tmp_path / "pipe").mkdir()  # of this name it once was, and either end waited for the other
    text = work_program((), str(tmp_path), f"touch {tmp_path}/begun; exit 3", filters)
    subprocess.run(["bash", "-c", text], check=True, timeout=60)
    assert (tmp_path / "begun").exists()
    assert [(tmp_path / name).read_text() for name in ("code", "rc")] == ["3\n", "3\n"]


def test_a_job_is_started_though_the_line_drops(tmp_path):
    host = host_at(tmp_path, line=Dropping(2))
    job = commands_job(host, "build", [Command(("touch", "begun"), str(tmp_path))])
    job.launch()
    job.follow()
    assert (tmp_path / "begun").exists()


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1, 0.5, 0.9, 0.999])
def test_a_job_whose_files_came_in_part_is_sent_again_and_begins_once(tmp_path, share):
    host = host_at(tmp_path, line=Halved([share, share]))
    job = commands_job(host, "build", [Command(("bash", "-c", "echo x >>begun"), str(tmp_path))])
    job.launch()
    assert job.follow().code == 0
    assert (tmp_path / "begun").read_text() == "x\n"
    kept = tmp_path / ".deploy" / "jobs" / job.id
    assert (kept / "main.cjs").read_text() == node_program("redaction/filter_log")
    assert json.loads((kept / "params.json").read_bytes())["job"] == job.id
