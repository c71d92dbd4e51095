import os
from pathlib import Path

import pytest

from mantodeus_ops.backup.offsite import copy_offsite
from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.steps import Steps
from tests.support.backup_transfers import app_at, backed_up, host_of

ENGINES = ("restic", "rclone")
VALUE = "canary-0f1e2d"


@pytest.fixture
def without_engines(tmp_path, monkeypatch):
    """Let everything be on PATH but the engines."""
    farm = tmp_path / "farm"
    farm.mkdir()
    for folder in reversed(os.environ["PATH"].split(":")):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            (farm / program.name).unlink(missing_ok=True)
            (farm / program.name).symlink_to(program)
    for engine in ENGINES:
        (farm / engine).unlink(missing_ok=True)
    monkeypatch.setenv("PATH", str(farm))
    return farm


def refused(host, name):
    """Return the refusal to copy a backup."""
    with pytest.raises(StepFailedError) as failed:
        copy_offsite(host, Steps(host), {"backup": name, "bytes": 1})
    assert failed.value.details == {"backup": name, "bytes": 1}
    assert f"{name} is complete and verified, but its offsite copy failed" in failed.value.message
    return failed.value


@pytest.mark.usefixtures("without_engines")
@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_engine_says_how_to_get_it(tmp_path, engine):
    host = app_at(tmp_path / "site", offsite=f"{engine}:far:x")
    error = refused(host, backed_up(host)["name"])
    assert f"{engine} is not on the host's PATH" in error.message
    assert f"apt-get install {engine}" in error.hint


@pytest.fixture
def engine(without_engines):
    """Put an engine on PATH that says what it was told, and fails."""
    program = without_engines / "restic"
    program.write_text(
        f'#!/bin/sh\necho "{{}}"; echo "told <$WORD> $*" | tee {program}.told; exit 1'
    )
    program.chmod(0o755)
    return program


def told(tmp_path, text, mode=0o600):
    """Write what the engine is told, and return the host whose inventory says so."""
    host = app_at(tmp_path / "site", offsite="restic:/r", offsite_env="offsite.env")
    file = tmp_path / "site/offsite.env"
    file.write_text(text)
    file.chmod(mode)
    return host


@pytest.mark.parametrize("line", [f"WORD={VALUE}", f"export WORD='{VALUE}'", f'WORD: "{VALUE}"#c'])
def test_the_engine_gets_what_the_file_says_and_nobody_else_sees_it(tmp_path, engine, line):
    host = told(tmp_path, f"# {line}x\n{line}\n")
    error = refused(host, backed_up(host)["name"])
    assert error.message.endswith(
        ": told <[secret]> " + engine.with_name("restic.told").read_text().split("> ")[1].strip()
    )
    assert f"<{VALUE}>" in engine.with_name("restic.told").read_text()
    assert VALUE not in host.events.output
    jobs = [path for path in (tmp_path / "site/.deploy").rglob("*") if path.is_file()]
    assert [path for path in jobs if VALUE in path.read_text(errors="replace")] == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path, engine, mode):
    host = told(tmp_path, f"WORD={VALUE}\n", mode)
    error = refused(host, backed_up(host)["name"])
    assert "others can read offsite.env" in error.message
    assert error.hint == f"chmod 600 {tmp_path}/site/offsite.env"
    assert not engine.with_name("restic.told").exists()


def test_a_file_that_is_none_is_refused(tmp_path, engine):
    host = told(tmp_path, "")
    name = backed_up(host)["name"]
    file = tmp_path / "site/offsite.env"
    file.unlink()
    assert (
        "the file offsite.env, named by offsite_env, does not exist" in refused(host, name).message
    )
    file.symlink_to("/etc/passwd")
    assert "is not a file of this account" in refused(host, name).message
    assert not engine.with_name("restic.told").exists()


def test_a_build_that_prints_the_file_leaves_it_in_no_log(tmp_path):
    host = told(tmp_path, f"ANY_NAME={VALUE}\n")
    commands_job(host, "build", [Command(("cat", "offsite.env"), str(tmp_path / "site"))]).follow()
    (log,) = (tmp_path / "site/.deploy/jobs").glob("*-build-*/log")
    assert "ANY_NAME=[secret]\n" in log.read_text()


def test_without_a_place_nothing_is_copied(tmp_path):
    host = host_of(tmp_path)
    assert copy_offsite(host, Steps(host), {"backup": "backup-20260101-000000"}) == {}
    assert host.events.steps == []
