"""No archive from elsewhere does harm: each is refused whole, and nothing of it is left."""

import hashlib
import hmac
import json
import re
import time

import pytest

from tests.support.archive_attacks import GOOD, OUTWARD, TARS, wholes
from tests.support.file_trees import snapshot
from tests.support.hostile_archives import directory, file, hard, packed, pax, symlink
from tests.support.project_dir import PARTS, REFUSED, Project

WHOLES = wholes()
EVERY = {**{name: packed(tar) for name, tar in TARS.items()}, **WHOLES}
NAME = "backup-20240101-000000"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Return one project for all of them: a test that changed it would fail the next."""
    found = Project(tmp_path_factory.mktemp("hostile")).fill()
    (found.root / "keep.txt").write_text("keep\n")
    (found.root / "current").symlink_to(found.place)
    (found.place / "outside").write_text("outside\n")
    found.backup()
    return found


def put(project, archive, name=NAME):
    """Put an archive among the backups, with its manifest."""
    data, manifest = archive
    project.archive(name).write_bytes(data)
    project.archive(name).chmod(0o600)
    (project.backups / f"{name}.json").write_text(json.dumps({**manifest, "name": name}))


def sealed(project, archive):
    """Return the archive as if it had been made here."""
    data, manifest = archive
    key = (project.root / ".deploy/key").read_bytes()
    seal = hmac.new(key, manifest["sha256"].encode(), hashlib.sha256).hexdigest()
    return data, {**manifest, "seal": seal}


def everything(project):
    """Return all there is but the manifest that may now say damaged, and what rm still removes."""
    tree = snapshot(project.place)
    quiet = (
        b"project/.deploy",
        b"project/backups",
        b"params.json",
        b"backup-restore.cjs",
        b"backup-verify.cjs",
    )
    return {name: one for name, one in tree.items() if not name.startswith(quiet)}


def refused(project, archive, **more):
    """Hold that it is refused, at once, and that nothing came of it."""
    put(project, archive)
    before, began = everything(project), time.monotonic()
    done = project.restore(NAME, **more)
    assert done.code == REFUSED, done.out
    assert project.clean()
    assert everything(project) == before
    assert len(done.said) == 1, done.out
    assert re.match(rf"(there is no backup )?{NAME} (is damaged: .|any more)", done.said[0])
    assert done.result["code"] in {"backup-damaged", "backup-gone"}
    assert "\x1b" not in done.out
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("name", EVERY)
def test_a_hostile_archive_is_refused_whole(project, name):
    refused(project, EVERY[name])


@pytest.mark.parametrize("name", TARS)
def test_it_is_refused_even_if_it_was_made_here(project, name):
    refused(project, sealed(project, EVERY[name]))


@pytest.mark.parametrize("name", OUTWARD)
def test_a_link_that_leads_out_is_refused_from_elsewhere_only(project, name):
    archive = packed(OUTWARD[name])
    refused(project, archive)
    put(project, sealed(project, archive))
    assert project.restore(NAME).code == 0
    assert project.verify(NAME)[NAME]["ok"]


def test_verify_finds_every_one_of_them(project):
    archives = [*EVERY.values(), *(packed(tar) for tar in OUTWARD.values())]
    names = [f"backup-20230101-{number:06}" for number in range(len(archives))]
    for name, archive in zip(names, archives, strict=True):
        put(project, archive, name)
    try:
        seen = project.verify(*names)
    finally:
        for name in names:
            project.archive(name).unlink()
            (project.backups / f"{name}.json").unlink()
    assert [name for name in names if seen[name]["ok"]] == []
    assert len(names) > 60


def test_no_number_of_entries_makes_one_of_them_whole(project):
    """Readers differ in what they count where a header lies, and a manifest may fit any of them."""
    archives = [
        (name, (data, {**manifest, "entries": told}))
        for name, (data, manifest) in ((name, packed(tar)) for name, tar in TARS.items())
        for told in range(manifest["entries"] + 3)  # a reader may see hidden ones
    ]
    names = {f"backup-20220101-{number:06}": one for number, one in enumerate(archives)}
    for name, (_, archive) in names.items():
        put(project, archive, name)
    seen = project.verify(*names)
    for name in names:
        project.archive(name).unlink()
        (project.backups / f"{name}.json").unlink()
    assert [names[name][0] for name, one in seen.items() if one["ok"]] == []


FINE = {
    "links inside": GOOD
    + symlink(b"dist/l", b"a")
    + symlink(b"node_modules/.bin/x", b"../one/x.js")
    + symlink(b"node_modules/work", b"../packages/work")
    + symlink(b"dist/loop", b"loop")
    + symlink(b"dist/deep/up", b"../..")
    + symlink(b"dist/dangling", b"not/there"),
    "hard link to a file before it": GOOD + hard(b"dist/h", b"dist/a"),
    "no entry for a directory": file(b"dist/deep/a") + file(b"node_modules/b"),
    "sticky and setgid directories": directory(b"dist/") + directory(b"dist/d/", mode=b"0003777\0"),
    "pax with a time and an owner": GOOD
    + pax((b"mtime", b"1.5"), (b"uname", b"\xc3\xa9"), (b"path", b"dist/b"))
    + file(b"dist/x"),
    "old tar": file(b"dist/a", magic=b""),
}


@pytest.mark.parametrize("name", FINE)
def test_what_breaks_no_rule_is_taken_from_elsewhere_too(project, name):
    put(project, packed(FINE[name]))
    done = project.restore(NAME)
    assert done.code == 0, done.out
    assert project.verify(NAME)[NAME]["ok"]


@pytest.mark.parametrize("wanted", [["src"], [".git"], [".."], ["/etc"], ["dist", "src"], [""]])
def test_a_manifest_from_elsewhere_cannot_name_other_places(project, wanted):
    """Each part carries its own digest, which whoever wrote the manifest has made up."""
    tar = GOOD + file(b"src/index.js") + file(b".git/hooks/x")
    data, manifest = packed(tar)
    part = {"offset": 0, "bytes": len(data), "plain": len(tar), "sha256": manifest["sha256"]}
    names = ["dist", "src", ".git", "..", "/etc", ""]
    parts = [{**part, "path": name, "content": "", "entries": 1} for name in names]
    refused(project, (data, {**manifest, "parts": parts, "paths": names}), wanted=wanted)


def test_a_hard_link_to_a_part_that_is_not_wanted_is_refused(project):
    tar = GOOD + hard(b"node_modules/h", b"dist/a")
    refused(project, packed(tar), wanted=["node_modules"])


def test_a_part_that_ends_in_a_file_is_refused_though_its_digest_fits(project):
    tar = directory() + file(b"dist/a", b"x" * 2000)
    data, manifest = packed(tar[:1536], b"")
    parts = [
        {"path": "dist", "offset": 0, "bytes": len(data), "plain": 1536, "content": ""},
        {"path": "node_modules", "offset": 0, "bytes": 0, "plain": 0, "content": ""},
    ]
    whole = [{**part, "sha256": manifest["sha256"]} for part in parts]
    told = {**manifest, "parts": whole, "entries": 2}
    refused(project, (data, told), wanted=["dist"])
    refused(project, sealed(project, (data, told)), wanted=["dist"])


def test_an_archive_that_is_no_file_is_refused(project):
    data, manifest = packed(GOOD)
    put(project, (data, manifest))
    project.archive(NAME).rename(project.place / "outside.tar.gz")
    project.archive(NAME).symlink_to(project.place / "outside.tar.gz")
    try:
        assert project.restore(NAME).code == REFUSED
        assert not project.verify(NAME)[NAME]["ok"]
    finally:
        project.archive(NAME).unlink()
        (project.place / "outside.tar.gz").unlink()


def test_the_good_one_is_good(project):
    put(project, packed(GOOD))
    assert project.restore(NAME, places=PARTS).code == 0
