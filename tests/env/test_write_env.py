"""A change of `.env` on the host: the old file or the new one, whole and private, at any moment."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from stat import S_IMODE

import pytest

from tests.support.project_dir import REFUSED, Project, need, tools
from tests.support.strace import failing, ladder

OLD, NEW = b"SECRET=old\nPORT=1\n", b"SECRET='a new one'\nPORT=1\n"


@pytest.fixture
def project(tmp_path):
    """Return a project whose programs find strace, with a private `.env`."""
    need("strace")
    found = Project(tmp_path, path=tools(tmp_path / "bin", "strace")).fill()
    reset(found)
    return found


def env(project):
    """Return the live `.env`."""
    return project.root / ".env"


def reset(project):
    """Put the old file back, in a way that nothing of ours has part in."""
    file = env(project)
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(OLD)


def put(project, before=(), **more):
    """Have the new file written in place of the old one."""
    told = {
        "bytes": base64.b64encode(NEW).decode(),
        "was": hashlib.sha256(OLD).hexdigest(),
        "file": ".env",
        "run": "run",
        "commit": False,
        **more,
    }
    return project.run("env/write_env", before=before, **told)


def whole(project):
    """Return what the live file is, which must be old or new, and readable by nobody else."""
    content = env(project).read_bytes()
    assert content in {OLD, NEW}
    assert S_IMODE(env(project).stat().st_mode) == 0o600
    return content


def left_over(project):
    """Return what a change has left beside the file."""
    ready = project.root / ".deploy/env"
    kept = [path for path in ready.rglob("*") if path.is_file()] if ready.exists() else []
    return kept + [path for path in project.root.iterdir() if path.name.startswith(".env.")]


def test_the_file_is_replaced_and_a_second_telling_changes_nothing(project):
    assert put(project).code == 0
    assert whole(project) == NEW
    before = env(project).stat().st_ino
    assert put(project).code == 0
    assert env(project).stat().st_ino == before
    assert left_over(project) == []


def test_a_file_that_somebody_else_changed_meanwhile_is_left_alone(project):
    env(project).write_bytes(b"SECRET=theirs\n")
    done = put(project)
    assert (done.code, "changed" in done.out) == (REFUSED, True)
    assert env(project).read_bytes() == b"SECRET=theirs\n"
    assert left_over(project) == []


def test_a_first_file_is_private_whatever_the_umask(project):
    env(project).unlink()
    assert put(project, was=hashlib.sha256(b"").hexdigest()).code == 0
    assert whole(project) == NEW


@pytest.mark.slow
def test_a_kill_at_every_call_leaves_the_old_file_or_the_new_one(project):
    seen = set()

    def what(before):
        reset(project)
        put(project, before)

    def after(found):
        del found
        seen.add(whole(project))
        reset(project)
        assert put(project).code == 0
        assert whole(project) == NEW
        assert left_over(project) == []

    ladder(project, what, 0, after)
    assert seen == {OLD, NEW}


@pytest.mark.parametrize(
    ("call", "error", "when", "word"),
    [
        ("write,pwrite64", "ENOSPC", 2, "full"),
        ("write,pwrite64", "EDQUOT", 2, "quota"),
        ("fsync", "EIO", 1, "error"),
        ("rename", "EACCES", 1, "something else on the host forbids it"),
        ("rename", "ENOSPC", 2, "full"),
        ("mkdir", "ENOSPC", 1, "full"),
    ],
)
def test_a_disk_that_refuses_leaves_the_old_file_and_nothing_beside_it(
    project, call, error, when, word
):
    done = put(project, failing(call, error, when, once=True))
    assert whole(project) == OLD
    assert left_over(project) == []
    assert done.code == REFUSED
    assert word in done.out


def test_a_directory_that_may_not_be_written_leaves_the_old_file(project):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere: sandbox/as-account runs it as an account")
    project.root.chmod(0o500)
    try:
        done = put(project)
    finally:
        project.root.chmod(0o700)
    assert (done.code, f"the mode of {project.root} keeps" in done.out) == (REFUSED, True)
    assert whole(project) == OLD


SWAP = """
const there = JSON.parse(readText(path.join(project, 'turn.json'), '{}'));
if (there.back) swapBack('run', ['.env'], ['.env']); else swapIn('run', ['.env']);
"""


def swap(project, before=(), *, back=False):
    """Swap the file that is ready in, as a commit does, or back."""
    (project.root / "turn.json").write_text(json.dumps({"back": back}))
    return project.run("transaction/swap", before=before, after=SWAP, source="env/run")


def make_ready(project):
    """Have the old file live and the new one ready."""
    for name in ("previous", "trash", "env"):
        shutil.rmtree(project.root / ".deploy" / name, ignore_errors=True)
    reset(project)
    ready = project.root / ".deploy/env/run/.env"
    ready.parent.mkdir(parents=True)
    ready.touch(mode=0o600)
    ready.write_bytes(NEW)


@pytest.mark.slow
@pytest.mark.parametrize("goes_back", [False, True])
def test_a_kill_in_a_swap_never_leaves_the_app_without_the_file(project, goes_back):
    seen = set()

    def what(before):
        make_ready(project)
        swap(project, before)

    def after(found):
        del found
        seen.add(whole(project))
        assert swap(project, back=goes_back).code == 0
        assert whole(project) == (OLD if goes_back else NEW)

    ladder(project, what, 0, after)
    assert seen == {OLD, NEW}


@pytest.mark.slow
def test_a_kill_on_the_way_back_never_leaves_the_app_without_the_file(project):
    seen = set()

    def what(before):
        make_ready(project)
        assert swap(project).code == 0
        swap(project, before, back=True)

    def after(found):
        del found
        seen.add(whole(project))
        assert swap(project, back=True).code == 0
        assert whole(project) == OLD

    ladder(project, what, 0, after)
    assert seen == {OLD, NEW}
