"""`kill -9` at every system call that writes: only whole backups are listed, and the next works."""

from __future__ import annotations

import pytest

from tests.support.file_trees import snapshot
from tests.support.project_dir import PARTS, Project, need, tools
from tests.support.strace import ladder


def names(project):
    """Return the names of what is listed, the newest first."""
    return [one["name"] for one in project.listed()]


@pytest.fixture
def project(tmp_path):
    """Return a project whose programs find strace, with one backup."""
    need("strace")
    found = Project(tmp_path, path=tools(tmp_path / "bin", "strace")).fill()
    found.backup()
    return found


def changed(project, turn):
    """Change the app, so that there is something to back up."""
    (project.root / "dist/index.js").write_text(f"serve({turn})\n")


def whole(project):
    """Hold that every backup that is listed can be restored."""
    listed = names(project)
    assert all(project.verify()[name]["ok"] for name in listed)
    return listed


def back_up(project, points):
    """Kill a backup at its calls; the older ones stay, and the next one sweeps up."""
    old = names(project)
    bytes_of_old = {name: project.archive(name).read_bytes() for name in old}

    def after(call):
        assert set(old) <= set(whole(project))
        assert all(
            project.archive(name).read_bytes() == text for name, text in bytes_of_old.items()
        )
        changed(project, call + 100_000)
        made = project.backup()
        assert made["name"] in whole(project)
        assert [path.name for path in project.backups.iterdir() if path.name[0] == "."] == []
        project.run(
            "transaction/record", prune=[name for name in names(project) if name not in old]
        )
        changed(project, call)

    return ladder(
        project, lambda before: project.run("backup/create", before=before), points, after
    )


def restore(project, points):
    """Kill a restore at its calls: what is live is untouched, and the next restore is whole."""
    name = names(project)[0]
    live = snapshot(project.root, "dist", "node_modules", "package-lock.json", ".env")

    def after(call):
        del call
        assert snapshot(project.root, "dist", "node_modules", "package-lock.json", ".env") == live
        assert project.restore(name).code == 0

    wanted = {"name": name, "wanted": list(PARTS), "places": list(PARTS)}
    return ladder(
        project,
        lambda before: project.run("backup/restore", before=before, **wanted),
        points,
        after,
    )


def prune(project, points):
    """Kill a prune at its calls: each backup is there and whole, or it is gone."""

    def what(before):
        changed(project, len(names(project)) + 1)
        name = project.backup()["name"]
        project.run("transaction/record", before=before, prune=[name])

    def after(call):
        del call
        whole(project)
        project.backup()
        assert [path.name for path in project.backups.iterdir() if path.name[0] == "."] == []
        project.run("transaction/record", prune=names(project)[1:])

    return ladder(project, what, points, after)


@pytest.mark.slow
@pytest.mark.parametrize("flow", [back_up, restore, prune])
def test_a_kill_leaves_whole_backups_and_the_next_command_works(project, flow):
    flow(project, 2)


@pytest.mark.soak
@pytest.mark.parametrize("flow", [back_up, restore, prune])
def test_a_kill_at_every_single_call(project, flow):
    print(flow.__name__, flow(project, 0), "points")  # noqa: T201 - the count is the result
