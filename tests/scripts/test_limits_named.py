"""A limit of the host that a program of ours runs into is named by its code."""

import json

import pytest

from tests.scripts.project import Project


@pytest.fixture
def project(tmp_path):
    """Return a project with a small app."""
    return Project(tmp_path).fill()


def refused(project, **error):
    """Return what a small program refuses with when a call of it fails like this."""
    after = f"throw Object.assign(new Error('failed'), {json.dumps(error)});"
    return json.loads(project.run("key", after=after, job="").out.splitlines()[-1])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("ENOSPC", "disk-full"),
        ("EROFS", "disk-read-only"),
        ("EIO", "disk-error"),
        ("EMFILE", "open-files-used-up"),
        ("ENFILE", "host-files-used-up"),
        ("ENOMEM", "memory-used-up"),
        ("EACCES", "file-not-allowed"),
        ("EPERM", "file-not-allowed"),
        ("EDQUOT", "disk-quota-used-up"),
    ],
)
def test_a_call_that_fails_is_told_by_its_cause(project, error, code):
    told = refused(project, code=error, syscall="open", path=str(project.root / "dist/new"))
    assert (told["code"], told["refused"]) == (code, True)
    assert told["facts"]["what"].endswith("dist/new")


def test_a_right_that_is_lacking_names_what_lacks_it(project):
    told = refused(project, code="EACCES", syscall="open", path=str(project.root / "dist/a/b"))
    assert told["facts"]["place"] == "dist"


def test_a_file_of_another_account_is_told_as_one(project):
    told = refused(project, code="EACCES", syscall="open", path="/etc/shadow")
    assert told["code"] == "file-of-another"


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
