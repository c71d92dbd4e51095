from __future__ import annotations

import pytest

from fabfile.pure.errors import InventoryError
from fabfile.pure.offsite import copy_commands, first_steps, offsite

NAME = "backup-20260102-030405"


@pytest.mark.parametrize(
    "target",
    [
        "restic:/srv/repo",
        "restic:sftp:user@host:/srv/repo",
        "restic:sftp://user@[::1]:2222//srv/repo",
        "restic:rest:https://host:8000/me",
        "restic:s3:s3.amazonaws.com/bucket",
        "restic:rclone:remote:path",
        "rclone:remote:",
        "rclone:remote:bucket/folder",
        "rclone:remote:/srv/folder",
    ],
)
def test_a_place_that_an_engine_knows_is_taken_as_it_is(target: str):
    assert offsite(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "restic:",
        "rsync:host:/x",
        "restic:-x",
        "restic:/a b",
        "rclone:remote",
        "rclone:-x:y",
        "rclone::s3,region=x:bucket",
        "rclone:a,b=c:path",
        1,
    ],
)
def test_what_is_no_place_is_refused(target: object):
    with pytest.raises(InventoryError, match="must be"):
        offsite(target)


@pytest.mark.parametrize(
    "target",
    [
        "restic:rest:https://user:hunter22@host/",
        "restic:rest:https://token@host/",
        "restic:sftp://user:hunter22@host//x",
        "restic:azure:box:/?sig=hunter22",
        "rclone:remote:x?AccessKey=hunter22",
    ],
)
def test_a_place_with_a_secret_in_it_is_refused_and_not_repeated(target: str):
    with pytest.raises(InventoryError, match="no secret is ever in the inventory") as refused:
        offsite(target)
    assert "hunter22" not in refused.value.message


def test_restic_takes_both_files_under_the_host_s_name():
    (argv,) = copy_commands("restic:/srv/r", host="manager", backup_dir="backups", name=NAME)
    assert argv[:4] == ("restic", "--repo", "/srv/r", "backup")
    assert argv[argv.index("--tag") + 1] == "mantodeus-ops"
    assert argv[argv.index("--host") + 1] == "manager"
    assert argv[-2:] == (f"backups/{NAME}.tar.gz", f"backups/{NAME}.json")


@pytest.mark.parametrize(
    ("place", "there"),
    [("r:", "r:"), ("r:/", "r:/"), ("r:a", "r:a/"), ("r:/a/", "r:/a/")],
)
def test_rclone_copies_both_files_and_then_compares_them(place: str, there: str):
    *copies, check = copy_commands(f"rclone:{place}", host="h", backup_dir="b", name=NAME)
    assert copies == [
        ("rclone", "copyto", f"b/{NAME}.{end}", f"{there}{NAME}.{end}")
        for end in ("tar.gz", "json")
    ]
    assert check[:3] == ("rclone", "check", "--one-way")
    assert check.count("--include") == 2


def test_the_hint_asks_the_engine_for_its_place():
    assert first_steps("restic:/srv/r") == "restic --repo /srv/r snapshots"
    assert first_steps("rclone:r:x") == "rclone lsd r:x"
