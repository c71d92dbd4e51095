"""A file that may not grow, and a disk that refuses once: what is said, and what is left."""

import os

import pytest

from tests.support.file_trees import snapshot
from tests.support.project_dir import REFUSED, Project, need, tools

WRITING = {
    "ENOSPC": "the disk is full: ",
    "EDQUOT": "the disk quota is used up: ",
    "EIO": "the disk has an error: ",
}


@pytest.fixture
def project(tmp_path):
    """Return a project with two backups, a change since, and something large in it."""
    found = Project(tmp_path, tools(tmp_path / "bin", "strace")).fill()
    found.backup()
    (found.root / ".env").write_text("SECRET=2\n")
    found.backup()
    (found.root / "dist/noise").write_bytes(bytes(range(256)) * 4000)
    return found


def once(call, path, error, when=1):
    """Return the words that make one call on this file fail."""
    need("strace")
    only = ["-P", str(path)] if path else []
    inject = f"inject={call}:error={error}:when={when}"
    return ["strace", "-f", "-o", "/dev/null", *only, "-e", f"trace={call}", "-e", inject]


def limited(blocks):
    """Return the words that let no file grow beyond so many blocks of 512 bytes."""
    return ["sh", "-c", f'ulimit -f {blocks} && exec "$@"', "sh"]


def sound(project, before):
    """Hold that the backups are those from before, and the next one works and sweeps up."""
    assert project.bytes() == before
    assert sorted(file.name for file in project.backups.iterdir()) == sorted(before)
    assert all(one["ok"] for one in project.verify().values())
    assert project.verify(project.backup()["name"])


@pytest.mark.parametrize("compressor", [(), ("pigz",)])
def test_a_backup_that_may_not_grow_says_so_and_leaves_nothing(project, compressor):
    project.path = tools(project.place / "limited", *compressor)
    (project.root / "dist/noise").write_bytes(os.urandom(300_000))
    before = project.bytes()
    done = project.run("backup/create", before=limited(200))
    assert done.code == 1
    assert done.said == ["the limit on the size of a file is reached: write"]
    sound(project, before)


def test_a_restore_that_may_not_grow_says_so_and_leaves_nothing(project):
    name = project.backup()["name"]
    live, before = snapshot(project.root, "dist", ".env"), project.bytes()
    done = project.run("backup/restore", before=limited(200), **wanted(name))
    assert done.code == 94
    assert done.said == ["the limit on the size of a file is reached: write"]
    assert project.clean()
    assert snapshot(project.root, "dist", ".env") == live
    sound(project, before)
    assert project.restore(name).code == 0


def wanted(name):
    """Return what a restore of all is told."""
    parts = ["dist", "node_modules", "package-lock.json", ".env"]
    return {"name": name, "wanted": parts, "places": parts}


@pytest.mark.parametrize("error", WRITING)
@pytest.mark.parametrize(
    ("call", "when"), [("rename", 1), ("rename", 2), ("rename", 3), ("mkdir", 1), ("fsync", 2)]
)
def test_a_backup_that_is_refused_once_says_why_in_one_line(project, call, when, error):
    before = project.bytes()
    done = project.run("backup/create", before=once(call, "", error, when))
    assert done.code == 1
    assert len(done.said) == 1
    assert done.said[0].startswith(WRITING[error])
    sound(project, before)


@pytest.mark.parametrize("error", WRITING)
def test_a_restore_that_is_refused_once_says_why_in_one_line(project, error):
    name = project.backup()["name"]
    target, before = project.restored / "dist/index.js", project.bytes()
    done = project.run("backup/restore", before=once("openat", target, error), **wanted(name))
    assert (done.code, len(done.said)) == (94, 1)
    assert done.said[0].startswith(WRITING[error])
    assert project.clean()
    sound(project, before)


@pytest.mark.parametrize("error", ["ENOSPC", "EROFS", "EIO"])
@pytest.mark.parametrize("call", ["rename", "unlink", "fsync"])
@pytest.mark.parametrize("when", [1, 2])
def test_a_prune_that_is_refused_takes_no_other_along(project, call, when, error):
    older, newer = (one["name"] for one in reversed(project.listed()))
    kept = project.archive(newer).read_bytes()
    done = project.run("transaction/record", before=once(call, "", error, when), prune=[older])
    assert done.code in {0, REFUSED}
    assert "    at " not in done.out
    assert newer in [one["name"] for one in project.listed()]
    assert all(one["ok"] for one in project.verify().values())
    assert project.archive(newer).read_bytes() == kept
    project.run("transaction/record", prune=[older])
    third = project.backup()["name"]
    files = {f"{name}{end}" for name in (newer, third) for end in (".json", ".tar.gz")}
    assert {file.name for file in project.backups.iterdir()} == files
