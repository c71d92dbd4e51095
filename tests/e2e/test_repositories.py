"""Repositories that are more than files: submodules, Git LFS, another default branch, odd paths."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Sandbox
from tests.e2e.world import World
from tests.support.git_repositories import commit, git, origin
from tests.support.project_dir import need

pytestmark = pytest.mark.xdist_group("repositories")

ALLOWED = '[protocol "file"]\n\tallow = always\n'
LFS = """\
[filter "lfs"]
  process = git-lfs filter-process
  smudge = git-lfs smudge -- %f
  clean = git-lfs clean -- %f
  required = true
"""
FILE = "vendor/lib/lib.js"


@pytest.fixture
def own() -> Iterator[World]:
    """Yield a separate world whose app can be deployed."""
    with Sandbox() as box:
        world = World(box, "inv")
        world.machine.write_env()
        yield world
        world.end()


def with_submodule(world: World) -> Path:
    """Give the origin a submodule; return the repository of that."""
    library = world.box.root / "lib"
    origin(library, lib_js="1\n")
    git(library, "branch", "-q", "inner")
    words = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library))
    world.box.origin.git(*words, "vendor/lib")
    return library


def test_a_submodule_is_part_of_the_version(own: World):
    library = with_submodule(own)
    first = own.release()
    refused = own.run("deploy.setup", code=1)
    assert "transport 'file' not allowed" in refused.error  # git's own caution is kept
    (own.machine.home / ".gitconfig").write_text(ALLOWED)
    own.run("deploy")
    live = own.project / FILE
    assert (live.read_text(), own.serves(first)) == ("1\n", True)
    assert own.git("status", "--porcelain") == ""
    commit(library, **{"lib.js": "2\n"})
    own.box.origin.git("-C", "vendor/lib", "pull", "--quiet", "origin", "main")
    second = own.release()
    assert "git submodule update" in str(own.run("deploy", "--dry-run").row["plan"])
    backup = own.run("deploy").row["backup"]
    assert (live.read_text(), own.serves(second)) == ("2\n", True)
    own.release()
    shutil.rmtree(library)  # its revision is known here, and a rollback needs nothing of it
    own.run("deploy")
    assert live.read_text() == "2\n"
    own.run("rollback", "--backup", backup)
    assert (live.read_text(), own.serves(first)) == ("1\n", True)
    own.run("rollback", "--undo")
    assert live.read_text() == "2\n"
    assert own.git("status", "--porcelain") == ""
    own.box.origin.git("rm", "-q", "vendor/lib")
    gone = own.release()
    own.run("deploy")
    assert (live.exists(), own.serves(gone)) == (False, True)


def test_files_in_lfs_are_there_or_the_deploy_is_refused(own: World):
    need("git-lfs")
    off = '[filter "lfs"]\n\tprocess =\n\tsmudge =\n\tclean =\n\trequired = false\n'
    (own.machine.home / ".gitconfig").write_text(off)
    own.box.origin.git("lfs", "install", "--local")
    own.box.origin.git("lfs", "track", "*.bin")
    revision = own.release({"model.bin": "a model\n" * 1000})
    refused = own.run("deploy.setup", code=1)
    assert "1 file of the revision in Git LFS" in refused.error
    assert refused.row["hint"] == "git lfs install --skip-repo"
    config = own.machine.home / ".gitconfig"
    config.write_text(LFS)
    own.run("deploy.setup")
    assert (own.project / "model.bin").read_text() == "a model\n" * 1000
    assert own.serves(revision)
    assert own.git("status", "--porcelain") == ""
    own.release({"model.bin": "another\n"})
    skips = LFS.replace("filter-process", "filter-process --skip")
    config.write_text(skips.replace("smudge --", "smudge --skip --"))
    refused = own.run("deploy", code=1)
    assert "left 1 files in Git LFS as pointers, model.bin among them" in refused.error
    assert own.serves(revision)


def test_a_default_branch_with_another_name_is_named(own: World):
    own.box.origin.git("push", "-q", "origin", "main:master")
    git(own.box.origin.bare, "symbolic-ref", "HEAD", "refs/heads/master")
    own.box.origin.git("push", "-q", "origin", "--delete", "main")
    refused = own.run("deploy.setup", code=1)
    assert "the remote has no branch main; its default branch is master" in refused.error
    assert refused.row["hint"] == 'set branch = "master" in the inventory'
    with own.settings(branch="master"):
        own.run("deploy.setup")
        assert own.serves(own.box.origin.revision())
    again = own.run("deploy", code=1)
    assert "its default branch is master" in again.error


@pytest.mark.parametrize("kind", ["space", "link"])
def test_a_project_whose_path_is_odd_is_deployed_and_rolled_back(own: World, kind: str):
    folder = own.machine.folder / "the sites"
    folder.mkdir()
    place = folder / "my app"
    if kind == "link":
        place.mkdir()
        (own.machine.folder / "linked").symlink_to(folder)
        place = own.machine.folder / "linked" / "my app"
    own.project = own.machine.project_dir = place
    own.machine.write_env()
    with own.settings(project_dir=str(place)):
        own.run("deploy.setup")
        first = own.box.origin.revision()
        assert own.serves(first)
        second = own.release()
        own.run("deploy")
        assert own.serves(second)
        own.run("rollback")
        assert own.serves(first)
        own.run("deploy.restart")
        assert own.run("status").row["health"] == "healthy"
        own.run("check")
        own.run("backup.verify")
