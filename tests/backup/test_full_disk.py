"""A disk that is full or refuses: a clear word, no half backup, the older ones as they were."""

from __future__ import annotations

import pytest

from tests.support.project_dir import PARTS, Project, need, tools
from tests.support.strace import failing

WRITES = "write,pwrite64"


def names(project):
    """Return the names of what is listed, the newest first."""
    return [one["name"] for one in project.listed()]


@pytest.fixture
def project(tmp_path):
    """Return a project whose programs find strace, with one backup and a change since."""
    need("strace")
    found = Project(tmp_path, path=tools(tmp_path / "bin", "strace")).fill()
    found.backup()
    (found.root / "dist/index.js").write_text("serve(2)\n")
    return found


FAULTS = [
    (call, error, when)
    for call, error, whens in (
        (WRITES, "ENOSPC", range(12, 60, 6)),
        (WRITES, "EDQUOT", (14, 30)),
        (WRITES, "EIO", (14, 30)),
        ("fsync", "EIO", (1, 2, 3)),
        ("rename", "ENOSPC", (1, 2, 3)),
        ("mkdir", "ENOSPC", (1,)),
    )
    for when in whens
]


def kept(project):
    """Return every archive that is listed, byte for byte."""
    return {name: project.archive(name).read_bytes() for name in names(project)}


@pytest.mark.parametrize(("call", "error", "when"), FAULTS)
def test_a_backup_that_finds_no_room_leaves_the_others_and_nothing_half(project, call, error, when):
    before = kept(project)
    done = project.run("backup/create", before=failing(call, error, when))
    after = kept(project)
    assert {name: after[name] for name in before} == before
    if done.code == 0:  # it was through before the fault came
        assert project.verify()[done.result["name"]]["ok"]
        return
    more = [name for name in after if name not in before]  # whole before the last word was said
    assert all(project.verify(name)[name]["ok"] for name in more)
    assert "    at " not in done.out
    assert project.backup()["name"] in names(project)
    assert [path.name for path in project.backups.iterdir() if path.name[0] == "."] == []


@pytest.mark.parametrize("when", [8, 12, 20, 30])
def test_a_restore_that_finds_no_room_touches_nothing_and_blames_no_backup(project, when):
    name = names(project)[0]
    wanted = {"name": name, "wanted": list(PARTS), "places": list(PARTS)}
    done = project.run("backup/restore", before=failing(WRITES, "ENOSPC", when), **wanted)
    assert (project.root / "dist/index.js").read_text() == "serve(2)\n"
    assert project.verify(name)[name]["ok"]
    assert not project.manifest(name).get("damaged")
    assert done.code != 94
    assert project.restore(name).code == 0
