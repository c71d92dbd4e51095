"""Damage to an archive is found before anything of it is believed."""

import json
import zlib
from pathlib import Path

import pytest

from tests.support.project_dir import REFUSED, Project

DRIVER = (Path(__file__).parents[1] / "support/damage.js").read_text()


@pytest.fixture
def made(tmp_path):
    """Return a project with a small backup of several parts, and the name of it."""
    project = Project(tmp_path).fill()
    return project, project.backup()["name"]


@pytest.mark.parametrize("count", [1500, pytest.param(10_000, marks=pytest.mark.soak)])
def test_no_flip_and_no_cut_goes_unnoticed(made, count):
    project, name = made
    done = project.run("backup/extract", after=DRIVER, name=name, seed=3, count=count)
    assert done.code == 0, done.out
    seen = json.loads(done.out)
    assert seen == {"sure": True, "missed": [], "boundaries": 12, "left": False}
    assert project.verify()[name]["ok"]


def cuts(archive):
    """Return the archive cut off behind each of its gzip members but the last, and in each."""
    rest, at = archive, 0
    while rest:
        member = zlib.decompressobj(wbits=31)
        member.decompress(rest)
        length = len(rest) - len(member.unused_data)
        yield archive[: at + length // 2]
        at += length
        if at < len(archive):
            yield archive[:at]
        rest = member.unused_data


def test_verify_and_restore_refuse_what_is_cut_off(made):
    project, name = made
    whole = project.archive(name).read_bytes()
    every = list(cuts(whole))
    assert len(every) == 9
    for bytes_ in every:
        project.archive(name).write_bytes(bytes_)
        project.rewrite(name, bytes=len(bytes_))
        refused(project, name)


@pytest.mark.parametrize("at", [12, 0.1, 0.3, 0.5, 0.9, -1])
def test_verify_and_restore_refuse_what_is_flipped(made, at):
    project, name = made
    flipped = bytearray(project.archive(name).read_bytes())
    flipped[at if isinstance(at, int) else int(len(flipped) * at)] ^= 0x10
    project.archive(name).write_bytes(flipped)
    refused(project, name)
    for part in ("dist", ".env"):  # each of them alone, whichever it is in
        project.rewrite(name, damaged=False)
        assert project.restore(name, wanted=[part]).code == REFUSED
        assert project.clean()


def refused(project, name):
    """Hold that verify finds it and restore refuses it, and leaves nothing."""
    project.rewrite(name, damaged=False)
    assert not project.verify(name)[name]["ok"]
    assert project.manifest(name)["damaged"]
    for wanted in ({}, {"wanted": ["dist", "node_modules"]}):
        done = project.restore(name, **wanted)
        assert done.code == REFUSED, done.out
        assert len(done.said) == 1
        assert "is damaged: " in done.said[0]
        assert done.result["code"] == "backup-damaged"
        assert project.clean()


def test_manifests_that_were_swapped_are_found(made):
    project, first = made
    (project.root / "dist/index.js").write_text("server()\n")
    second = project.backup()["name"]
    one, other = project.manifest(first), project.manifest(second)
    for name, told in ((first, other), (second, one)):
        project.rewrite(name, **{**told, "name": name})
    for name in (first, second):
        seen = project.verify(name).get(name)
        assert not seen["ok"]
        assert project.restore(name).code == REFUSED
        project.rewrite(name, bytes=project.archive(name).stat().st_size)
        refused(project, name)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"name":"x"}'])
def test_a_manifest_that_is_none_lists_nothing(made, text):
    project, name = made
    (project.backups / f"{name}.json").write_text(text)
    assert project.listed() == []
    assert not project.verify(name)[name]["ok"]
    assert project.restore(name).code == REFUSED
    assert project.backup()["sequence"] == 1
