"""What is said of a job whose end cannot be read, or could not be written."""

import os

import pytest

from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.remote.jobs import known_job
from tests.remote.test_jobs import job_at, record, wait_for
from tests.support.fake_host import host_at


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
@pytest.mark.parametrize(("inodes", "cause"), [("9 99", "no permission"), ("9 0", "no free inode")])
def test_a_job_that_could_not_write_its_end_says_what_kept_it_from_that(tmp_path, inodes, cause):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/stat").write_text(f"#!/bin/sh\necho {inodes}\n")
    (tmp_path / "bin/stat").chmod(0o755)
    job, _ = job_at(tmp_path, "sleep 0.3", path=(str(tmp_path / "bin"),))
    job.launch()
    wait_for((record(tmp_path, job) / "pid").exists)
    record(tmp_path, job).chmod(0o500)
    try:
        with pytest.raises(StepFailedError, match=cause):
            job.follow()
    finally:
        record(tmp_path, job).chmod(0o700)


def test_a_job_whose_files_are_pipes_makes_nothing_wait(tmp_path):
    folder = tmp_path / ".deploy/jobs/20250101-000000-build-abcdef"
    folder.mkdir(parents=True)
    for name in ("pid", "rc", "result.json"):
        os.mkfifo(folder / name)
    with pytest.raises(StepFailedError):
        known_job(host_at(tmp_path), folder.name).follow()
