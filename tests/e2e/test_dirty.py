"""Files that somebody edited on the host: never replaced without a word, never lost."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.world import World

TRACKED = "src/index.html"


def test_an_edited_file_stops_the_deploy_and_stays_as_it_is(world: World):
    world.release()
    edited = edit(world)
    error = world.run("deploy", code=1).error
    assert TRACKED in error
    assert "--allow-dirty" in error
    assert (world.project / TRACKED).read_text() == edited


def test_an_untracked_file_that_the_revision_brings_stops_the_deploy(world: World):
    world.release({"brought.txt": "from git\n"})
    (world.project / "brought.txt").write_text("by hand\n")
    assert "brought.txt" in world.run("deploy", code=1).error
    assert (world.project / "brought.txt").read_text() == "by hand\n"


def test_with_allow_dirty_the_edit_is_kept_as_a_patch_that_applies(world: World):
    name = f"brought-{world.machine.page()[:7]}.txt"
    revision = world.release({name: "from git\n"})
    (world.project / name).write_text("by hand\n")
    edited, known = edit(world), patches(world)
    world.run("deploy", "--allow-dirty")
    assert world.serves(revision)
    assert (world.project / name).read_text() == "from git\n"
    [patch] = patches(world) - known
    assert "+by hand" in patch.read_text()
    world.git("apply", f"--include={TRACKED}", str(patch))
    assert (world.project / TRACKED).read_text() == edited


def edit(world: World) -> str:
    """Change a file as a person in a hurry does; return its text."""
    path = world.project / TRACKED
    path.write_text(path.read_text() + "<!-- hotfix -->\n")
    return path.read_text()


def patches(world: World) -> set[Path]:
    """Return the patches that were saved."""
    return set((world.project / ".deploy/patches").glob("*.patch"))
