"""A job that may not begin, does not."""

import subprocess

from fabfile.host.programs import work_program


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
