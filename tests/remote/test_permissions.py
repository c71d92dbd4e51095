"""An item that this account cannot work with is named, and takes no other along."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
import time

import pytest

from tests.support.project_dir import PARTS, REFUSED, Project, tools

pytestmark = pytest.mark.skipif(os.geteuid() == 0, reason="root may do anything")


@pytest.fixture
def project(tmp_path):
    """Return an app's directory with a small app; whatever was shut in it is opened in the end."""
    found = Project(tmp_path, path=tools(tmp_path / "bin", "find", "chmod")).fill()
    yield found
    subprocess.run(["chmod", "-R", "u+rwX", str(tmp_path)], check=True)


def shut(place, mode=0):
    """Make a directory with something in it, and take its owner's rights away."""
    place.mkdir(parents=True)
    (place / "inside").write_text("x")
    place.chmod(mode)


def states(project):
    """Return the answer about the backups."""
    done = project.run("backup/list_states", exact=True)
    assert done.code == 0, done.out
    return json.loads(done.out.splitlines()[-1])


@pytest.mark.parametrize("mode", [0o000, 0o200, 0o400, 0o100])
@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_backup_is_made_of_all_that_can_be_read_and_names_the_rest(project, kind, mode):
    odd = project.root / "dist/deep/odd"
    if kind == "directory":
        shut(odd, mode)
    else:
        odd.write_text("x")
        odd.chmod(mode)
    unreadable = not os.access(odd, os.R_OK) or (
        kind == "directory" and not os.access(odd, os.X_OK)
    )
    made = project.backup()
    assert [one.split("/")[2] for one in made["shut"]] == (["odd"] if unreadable else [])
    assert made["consistent"]
    assert project.verify()[made["name"]]["ok"]
    assert project.restore(made["name"]).code == 0
    assert (project.restored / "dist/deep/page.html").exists()
    assert states(project)["backups"][0]["differs"] == []
    assert project.backup()["same_as"] == made["name"]


@pytest.mark.parametrize("name", [".env", "dist"])
def test_a_part_that_cannot_be_read_is_neither_there_nor_absent(project, name):
    (project.root / name).chmod(0)
    made = project.backup()
    assert name not in [*made["paths"], *made["absent"]]
    (project.root / name).chmod(0o700)


@pytest.mark.parametrize("what", ["archive", "manifest"])
def test_one_backup_that_cannot_be_read_takes_no_other_along(project, what):
    good = project.backup()["name"]
    (project.root / "dist/index.js").write_text("serve(2)\n")
    bad = project.backup()["name"]
    place = project.archive(bad) if what == "archive" else project.backups / f"{bad}.json"
    place.chmod(0)
    seen = states(project)
    assert good in [one["name"] for one in seen["backups"]]
    assert bad in "".join(seen["unreadable"])
    proofs = project.verify()
    assert proofs[good]["ok"]
    assert not proofs.get(bad, {}).get("ok")
    assert project.restore(bad).code != 0
    assert project.restore(good).code == 0
    made = project.backup()  # of the same state, from the files themselves
    assert project.verify(made["name"])[made["name"]]["ok"]
    place.chmod(0o600)
    assert not project.manifest(bad).get("damaged")
    assert project.verify(bad)[bad]["ok"]


def test_a_file_of_secrets_that_cannot_be_read_hides_no_other(project):
    (project.root / ".env").write_text("API_KEY=canary-c0ffee\n")
    (project.root / "offsite.env").write_text("B2_KEY=another\n")
    (project.root / "offsite.env").chmod(0)
    done = project.run(
        "remote/signing_key", offsite_env="offsite.env", after="reply({ said: 'canary-c0ffee' });"
    )
    assert json.loads(done.out.splitlines()[-1])["secrets"] == ["canary-c0ffee"]


def test_why_an_archive_cannot_be_read_comes_with_what_mends_it(project):
    name = project.backup()["name"]
    project.archive(name).chmod(0)
    done = project.run("backup/restore_check", name=name, same=[], names=[], revision="a" * 40)
    found = json.loads(done.out.splitlines()[-1])["refusal"]
    assert found["code"] == "file-not-allowed"
    assert found["facts"]["place"] == f"backups/{name}.tar.gz"


def pushed(project, mode, kind):
    """Bring an archive from elsewhere in which one member has this mode; return its name."""
    name = "backup-20250101-000000"
    partial = project.backups / f".{name}.partial"
    partial.mkdir(parents=True, mode=0o700)
    with tarfile.open(partial / "archive.tar.gz", "w:gz") as tar:
        member = tarfile.TarInfo("dist/odd")
        member.type, member.mode = (
            (tarfile.DIRTYPE if kind == "directory" else tarfile.REGTYPE),
            mode,
        )
        top = tarfile.TarInfo("dist")
        top.type, top.mode = tarfile.DIRTYPE, mode if kind == "directory" else 0o755
        for one in (top, member):
            tar.addfile(one)
    data = (partial / "archive.tar.gz").read_bytes()
    told = {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    done = project.run("backup/import_archive", **told, manifest={}, places=["dist"])
    assert done.code == 0, done.out
    return name


@pytest.mark.parametrize("mode", [0o000, 0o100, 0o444, 0o311, 0o022])
@pytest.mark.parametrize("kind", ["file", "directory"])
def test_an_archive_of_any_modes_is_unpacked_so_that_its_owner_can_work_with_it(
    project, kind, mode
):
    name = pushed(project, mode, kind)
    assert project.restore(name, wanted=["dist"], places=["dist"]).code == 0
    assert os.access(project.restored / "dist/odd", os.R_OK)
    (project.root / "dist").rename(project.root / "old")
    (project.restored / "dist").rename(project.root / "dist")
    assert project.verify(name)[name]["ok"]
    assert "dist" in project.backup()["paths"]


SWAP = """
swapIn('one', ['dist']);
swapBack('one', ['dist'], ['dist']);
sweep(inDeploy('staging'), inDeploy('previous'));
"""


@pytest.mark.parametrize("mode", [0o000, 0o500, 0o555])
def test_a_directory_of_any_mode_is_moved_back_and_forth_and_swept(project, mode):
    for place in (project.root / "dist/odd", project.root / ".deploy/staging/dist/deep"):
        shut(place, mode)
    (project.root / ".deploy/staging/dist").chmod(mode)
    (project.root / "dist").chmod(mode)
    done = project.run("transaction/swap", after=SWAP)
    assert done.code == 0, done.out
    assert (project.root / "dist").stat().st_mode & 0o500 == 0o500
    late = time.monotonic() + 60
    while any((project.root / ".deploy/trash").iterdir()) and time.monotonic() < late:
        time.sleep(0.02)
    assert not any((project.root / ".deploy/trash").iterdir())


def test_what_is_half_made_is_removed_whatever_its_modes(project):
    place = project.backups / ".backup-20250101-000000.partial/x"
    shut(place)
    project.backup()
    assert not place.exists()


def test_a_restore_of_what_is_damaged_is_still_refused(project):
    name = project.backup()["name"]
    project.archive(name).write_bytes(b"x" * project.archive(name).stat().st_size)
    assert project.restore(name, wanted=list(PARTS)).code == REFUSED
    assert project.manifest(name)["damaged"]
