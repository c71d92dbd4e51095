"""A limit of the host that a program of ours runs into is named by its code."""

import json
import os

import pytest

from mantodeus_ops.remote.answers.refusals import host_error
from tests.support.project_dir import Project


@pytest.fixture
def project(tmp_path):
    """Return a project with a small app."""
    return Project(tmp_path).fill()


def refused(project, **error):
    """Return what a small program refuses with when a call of it fails like this."""
    after = f"throw Object.assign(new Error('failed'), {json.dumps(error)});"
    return json.loads(project.run("remote/signing_key", after=after, job="").out.splitlines()[-1])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("ENOSPC", "disk-full"),
        ("EROFS", "disk-read-only"),
        ("EIO", "disk-error"),
        ("EMFILE", "open-files-used-up"),
        ("ENFILE", "host-files-used-up"),
        ("ENOMEM", "memory-used-up"),
        ("EACCES", "file-refused"),
        ("EPERM", "file-refused"),
        ("EDQUOT", "disk-quota-used-up"),
    ],
)
def test_a_call_that_fails_is_named_by_its_cause(project, error, code):
    told = refused(project, code=error, syscall="open", path=str(project.root / "dist/new"))
    assert (told["code"], told["refused"]) == (code, True)
    assert told["facts"]["what"].endswith("dist/new")


def lacking(project, path, **more):
    """Return the refusal when the account has no right to this path."""
    return refused(project, code="EACCES", syscall="open", path=str(path), **more)


@pytest.mark.parametrize(
    ("mode", "place", "path"),
    [
        (0o500, "dist", "dist/a/b"),
        (0o600, "dist", "dist/index.js"),
        (0o500, "dist", "dist/index.js"),
        (0o000, "dist/index.js", "dist/index.js"),
    ],
)
@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
def test_a_right_that_is_lacking_names_what_lacks_it(project, mode, place, path):
    shut = project.root / place
    shut.chmod(mode)
    told = lacking(project, project.root / path)
    shut.chmod(0o700)
    assert told["code"] == "file-not-allowed"
    assert told["facts"]["place"] == place
    assert ("its mode" if place == path else f"the mode of {shut}") in told["facts"]["why"]


def test_what_its_mode_allows_is_not_said_to_be_kept_out_by_it(project):
    told = lacking(project, project.root / "dist/index.js")
    assert told["code"] == "file-refused"


def test_a_file_of_another_account_is_told_as_one(project):
    told = lacking(project, "/etc/passwd")
    assert told["code"] == "file-of-another"
    assert told["facts"]["why"] == "it belongs to the account with uid 0"


@pytest.mark.parametrize(
    ("folder", "code", "why"),
    [
        ("/root/app", "project-out-of-reach", "this account cannot enter /root"),
        ("/etc/none/app", "project-missing", "/etc is not for this account to write into"),
    ],
)
@pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")
def test_a_project_that_is_not_there_is_told_apart_from_a_file_of_another(
    project, folder, code, why
):
    done = project.run("deploy/make_directories", project_dir=folder, job="")
    told = json.loads(done.out.splitlines()[-1])
    assert (told["code"], told["facts"]["why"]) == (code, why)
    host = {"host": "web1", "project": folder}
    error = host_error(told, host)
    assert folder in error.message
    assert folder in error.hint


@pytest.mark.parametrize(
    ("code", "syscall", "told"),
    [
        ("EAGAIN", "spawn git", "processes-used-up"),
        ("EAGAIN", "write", "program-failed"),
        ("EPERM", "kill", "program-failed"),
    ],
)
def test_what_is_no_limit_is_told_as_none(project, code, syscall, told):
    assert refused(project, code=code, syscall=syscall)["code"] == told
