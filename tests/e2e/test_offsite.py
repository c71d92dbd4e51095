"""Copies off the host by real engines; what opens their door is seen by nobody else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from sandbox.processes import everyone
from tests.e2e.test_copies import on_host, verdicts
from tests.e2e.test_rollback import deployed
from tests.e2e.world import World

PASSWORD = "canary-of-the-repository-5f1d"


@contextmanager
def offsite(world: World, target: str, *lines: str, mode: int = 0o600) -> Iterator[None]:
    """Let backups be copied off the host, with these lines as what the engine is told."""
    file = world.project / "offsite.env"
    file.write_text("".join(f"{line}\n" for line in lines))
    file.chmod(mode)
    try:
        with world.settings(offsite=target, offsite_env="offsite.env"):
            yield
    finally:
        file.unlink()


class Sampler(threading.Thread):
    """Looks at the command line of every process, again and again."""

    def __init__(self, *words: str) -> None:
        super().__init__(daemon=True)
        self.words = words
        self.seen: set[bytes] = set()
        self.leaks: list[bytes] = []
        self._over = threading.Event()

    def run(self) -> None:
        """Look until told to stop."""
        while not self._over.is_set():
            for pid in everyone():
                self._look(pid)

    def _look(self, pid: int) -> None:
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return
        self.seen.add(line.partition(b"\0")[0].rpartition(b"/")[2])
        self.leaks += [line for word in self.words if word.encode() in line]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def need(program: str) -> None:
    """Skip a test whose engine is not on this machine."""
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed: apt-get install {program}")


def holding(world: World, word: str) -> list[str]:
    """Return what is kept on the host and holds this word."""
    places = [world.project / ".deploy", world.project / "backups", world.project / "logs"]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    return [str(path) for path in files if word.encode() in path.read_bytes()]


def restic(repository: Path, *args: str) -> None:
    """Run restic as a person does."""
    env = os.environ | {"RESTIC_PASSWORD": PASSWORD}
    argv = ["restic", "--quiet", "--repo", str(repository), *args]
    subprocess.run(argv, env=env, check=True, capture_output=True)


def test_restic_has_the_same_bytes_and_nobody_sees_its_password(world: World, tmp_path: Path):
    need("restic")
    repository = tmp_path / "repository"
    restic(repository, "init")
    told = f"export RESTIC_PASSWORD='{PASSWORD}'"
    with offsite(world, f"restic:{repository}", told), Sampler(PASSWORD) as sampler:
        would = world.run("backup", "--dry-run")
        assert f"restic --repo {repository} backup" in would.err
        answer = world.run("backup")
    name = answer.row["backup"]
    assert answer.row["offsite"]["to"] == f"restic:{repository}"
    assert re.fullmatch("[0-9a-f]{8,64}", answer.row["offsite"]["snapshot"])
    assert b"restic" in sampler.seen
    assert sampler.leaks == []
    assert PASSWORD not in f"{answer.err}{answer.rows}"
    assert holding(world, PASSWORD) == []
    restic(repository, "restore", answer.row["offsite"]["snapshot"], "--target", str(tmp_path))
    for end in ("tar.gz", "json"):
        (copy,) = tmp_path.rglob(f"{name}.{end}")
        assert copy.read_bytes() == on_host(world, name, end).read_bytes()


def test_a_wrong_password_fails_the_copy_and_not_the_backup(world: World, tmp_path: Path):
    need("restic")
    repository = tmp_path / "repository"
    restic(repository, "init")
    wrong = "wrong-canary-77aa"
    with offsite(world, f"restic:{repository}", f"RESTIC_PASSWORD={wrong}"):
        answer = world.run("backup", code=1)
    assert "is complete and verified, but its offsite copy failed" in answer.error
    assert "wrong password" in answer.error
    assert answer.row["backup"] in verdicts(world)
    assert holding(world, wrong) == []
    assert wrong not in answer.err


def test_what_an_engine_says_of_a_secret_is_masked(world: World):
    told = "RESTIC_PASSWORD=canary-in-output-1\nAWS_ANYTHING=another-canary-2"
    shim = 'echo "I was told $RESTIC_PASSWORD"; echo "Fatal: bad $AWS_ANYTHING" >&2; exit 1'
    with offsite(world, "restic:/nowhere", told):
        folder = world.programs
        (folder / "restic").write_text(f"#!/bin/sh\n{shim}\n")
        (folder / "restic").chmod(0o755)
        try:
            answer = world.run("backup", code=1)
        finally:
            (folder / "restic").unlink()
    assert "Fatal: bad [secret]" in answer.error
    assert "I was told [secret]" in answer.err
    assert "canary" not in answer.err + answer.error
    assert holding(world, "canary-in-output-1") + holding(world, "another-canary-2") == []


@pytest.mark.parametrize(
    ("mode", "target", "said"),
    [
        (0o640, "restic:/nowhere", "others can read offsite.env"),
        (0o600, "rclone:nowhere:x", "didn't find section in config file"),
    ],
)
def test_what_stands_in_the_way_of_a_copy_is_named(world: World, mode: int, target: str, said: str):
    need(target.partition(":")[0])
    with offsite(world, target, "X=1", mode=mode):
        answer = world.run("backup", code=1)
    assert said in answer.error
    assert "its offsite copy failed" in answer.error


def test_rclone_has_the_same_bytes(world: World, tmp_path: Path):
    need("rclone")
    told = ("RCLONE_CONFIG_FAR_TYPE=local", f"RCLONE_PASSWORD={PASSWORD}")
    with offsite(world, f"rclone:far:{tmp_path}/copies", *told), Sampler(PASSWORD) as sampler:
        answer = world.run("backup")
    name = answer.row["backup"]
    assert b"rclone" in sampler.seen
    assert sampler.leaks == []
    for end in ("tar.gz", "json"):
        copy = tmp_path / "copies" / f"{name}.{end}"
        assert copy.read_bytes() == on_host(world, name, end).read_bytes()


def test_a_deploy_copies_nothing_off_the_host(world: World):
    with world.settings(offsite="rclone:nowhere:x"):
        deployed(world)
