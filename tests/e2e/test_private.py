"""Secrets come out nowhere, and what is kept on the host is readable by nobody else."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from stat import S_IMODE

import pytest

from tests.e2e.world import World

TALKATIVE = """
throw new Error(`cannot reach ${process.env.DATABASE_URL} with ${process.env.JWT_SECRET}`);
"""


def test_secrets_that_a_build_and_a_dying_app_print_come_out_nowhere(world: World):
    source = (world.box.origin.work / "src/index.js").read_text()
    marker = "await misbehaveAtStart();\n"
    told = source.replace(marker, f"{marker}if (process.env.pm_id) {{{TALKATIVE}}}\n")
    world.release({"src/index.js": told})
    health = {"wait": 0, "retries": 6, "delay": 0.5}
    with world.settings(build_command="cat .env && npm run build", health=health):
        answer = world.run("deploy", code=5)
    world.release({"src/index.js": source})
    assert "cannot reach" in answer.error
    assert leaks(world) == []


@pytest.mark.quick
def test_no_file_that_is_kept_on_the_host_holds_a_secret(world: World):
    world.release()
    world.run("deploy")
    world.run("deploy.restart")
    assert leaks(world) == []


@pytest.mark.quick
def test_what_is_kept_on_the_host_is_private(world: World):
    world.run("backup")
    kept = [world.project / ".deploy", world.project / "backups"]
    assert {S_IMODE(folder.stat().st_mode) for folder in kept} == {0o700}
    ours = [path for folder in kept for path in folder.rglob("*") if not within_app(path)]
    assert [path for path in ours if S_IMODE(path.lstat().st_mode) & 0o077 and plain(path)] == []
    assert S_IMODE((world.project / ".env").stat().st_mode) == 0o600


@pytest.mark.quick
def test_root_is_refused(world: World):
    if subprocess.run(["unshare", "-r", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this kernel lets nobody be root in a namespace of their own")
    program = Path(os.sys.executable).parent / world.door
    argv = ["unshare", "-r", str(program), *world.argv("status")]
    done = subprocess.run(argv, env=world.box.env(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "root" in done.stderr


def plain(path: Path) -> bool:
    """Return whether it is a file or a folder."""
    return not path.is_symlink()


def within_app(path: Path) -> bool:
    """Return whether a file is part of a version of the app, whose modes are the app's own."""
    return bool({"staging", "previous", "trash"} & set(path.parts))


def leaks(world: World) -> list[str]:
    """Return the files that hold a secret and are not meant to."""
    folders = [world.project / ".deploy", world.project / "logs", world.machine.pm2_home]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    files = [path for path in files if not path.is_symlink() and not is_theirs(path)]
    return [str(path) for path in files if holds(path, world.secret_values())]


def is_theirs(path: Path) -> bool:
    """Return whether the app wrote this itself, into its own log under PM2."""
    return path.parent.name == "logs" and path.parent.parent.name == "pm2"


def holds(path: Path, secrets: set[str]) -> bool:
    """Return whether a file holds one of the secrets."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:  # what is swept may go meanwhile
        return False
    return any(secret.encode() in text for secret in secrets)
