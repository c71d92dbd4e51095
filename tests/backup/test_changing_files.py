"""What changes while it is read is told of, or read again: never wrong and called consistent."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.file_trees import snapshot, write
from tests.support.project_dir import PARTS, Project, tools

MEDDLE = Path(__file__).parents[1] / "support/meddle.js"
ACTS = {
    "grows": "echo more >>m/file",
    "shrinks": ": >m/file",
    "is written again": "printf %05d $$ | dd of=m/file conv=notrunc",
    "vanishes": "rm -f m/file",
    "is replaced": "echo other$$ >m/new; mv m/new m/file",
    "becomes a link": "ln -sf /etc/passwd m/file",
    "becomes a pipe": "rm -f m/file; mkfifo m/file",
    "becomes a directory": "rm -rf m/file; mkdir m/file",
    "becomes private": "chmod 600 m/file",
    "one before it changes": "echo more >>a",
    "one before it vanishes": "rm -f a",
    "one before it becomes private": "chmod 600 a",
    "its directory vanishes": "rm -rf m",
    "its directory becomes a file": "rm -rf m; echo >m",
    "the next directory vanishes": "rm -rf z",
    "the next directory becomes a file": "rm -rf z; echo >z",
    "something appears before it": "echo >b$$",
    "something appears behind it": "echo >y$$",
}
CALLS = ("lstatSync", "openSync", "readSync")


def meddled(project, call, times, act):
    """Return the manifest of a backup while something happens, and what it said."""
    told = {"call": call, "name": "/m/file", "times": times, "act": f"cd project/dist && {act}"}
    before = ["env", f"OPS_MEDDLE={json.dumps(told)}"]
    done = project.run("backup/create", before=before, node=["-r", str(MEDDLE)])
    assert done.code == 0, done.out
    return project.manifest(done.result["name"])


def made(tmp_path):
    """Return a project with a file to meddle with, long since written."""
    project = Project(tmp_path).fill()
    for name in ("a", "m/file", "m/other", "z/file"):
        write(os.fsencode(project.root / "dist" / name), b"first")
    return aged(project)


def aged(project):
    """Make everything in it old enough to be told from what is written now."""
    for place, directories, files in os.walk(project.root / "dist"):
        for name in (*directories, *files, "."):
            with contextlib.suppress(FileNotFoundError):
                os.utime(f"{place}/{name}", (1, 1), follow_symlinks=False)
    return project


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("act", ACTS)
def test_what_changes_once_is_read_again(tmp_path, call, act):
    project = made(tmp_path)
    told = meddled(project, call, 1, ACTS[act])
    check(project, told)
    assert told["consistent"] or told["verdict"] == "unknown"


@pytest.mark.parametrize("act", ["grows", "is written again", "one before it changes"])
def test_what_always_changes_is_told_of_and_proves_nothing(tmp_path, act):
    project = made(tmp_path)
    told = meddled(project, "readSync", -1, f"sleep 0.02; {ACTS[act]}")
    assert (told["consistent"], told["verdict"]) == (False, "unknown")
    check(project, told)


def check(project, told):
    """Hold that the archive is whole, and what it says it is."""
    assert project.verify()[told["name"]]["ok"]
    assert project.restore(told["name"]).code == 0
    if told["consistent"]:
        assert snapshot(project.restored, *PARTS) == snapshot(project.root, *PARTS)


def test_what_was_torn_is_not_copied_into_the_next_backup(tmp_path):
    project = made(tmp_path)
    torn = meddled(project, "readSync", -1, "sleep 0.02; touch y$$; rm y$$")
    assert not torn["consistent"]
    time.sleep(0.05)
    whole = project.backup()
    assert (whole["consistent"], whole["verdict"]) == (True, "good")
    assert "same_as" not in whole
    check(project, whole)


WRITER = """
import sys, time, random
names = sys.argv[1:]
files = [open(name, "r+b", buffering=0) for name in names]
for turn in range(1, 10**8):
    for file in files:
        file.seek(0)
        file.write(b"%08d" % (turn % 10**8) * 500)
        time.sleep(random.choice([0, 0, 0.001, 0.03]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("compressor", [(), ("pigz",)])
def test_a_writer_loop_leaves_no_wrong_backup_that_is_called_consistent(tmp_path, compressor):
    project = Project(tmp_path, tools(tmp_path / "bin", *compressor)).fill()
    files = [project.root / f"dist/turn{number}" for number in range(3)]
    for file in files:
        file.write_bytes(b"%08d" % 0 * 500)
    argv = [sys.executable, "-c", WRITER, *map(str, files)]
    with subprocess.Popen(argv) as writer:
        try:
            manifests = [project.backup() for _ in range(12)]
        finally:
            writer.kill()
    for told in manifests:
        assert told["verdict"] == ("good" if told["consistent"] else "unknown")
        assert project.restore(told["name"]).code == 0
        assert not told["consistent"] or is_a_moment(project.restored)


def is_a_moment(root):
    """Return whether the files are as they were at one time: each whole, and written in turn."""
    texts = [(root / f"dist/turn{number}").read_bytes() for number in range(3)]
    turns = [int(text[:8]) for text in texts]
    whole = all(text == text[:8] * 500 for text in texts)
    return whole and turns == sorted(turns, reverse=True) and turns[0] - turns[2] <= 1
