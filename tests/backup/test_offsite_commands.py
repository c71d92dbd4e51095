from __future__ import annotations

import pytest

from mantodeus_ops.backup.offsite_commands import check_command, copy_commands
from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.destinations import offsite

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
    with pytest.raises(InventoryError, match="must be") as refused:
        offsite(target)
    form = 'must be "restic:REPOSITORY" or "rclone:REMOTE:PATH"'
    assert isinstance(target, int) or refused.value.message.startswith(form)


@pytest.mark.parametrize(
    "target",
    [
        "restic:rest:https://user:hunter22@host/",
        "restic:rest:https://token@host/",
        "restic:sftp://user:hunter22@host//x",
        "restic:azure:box:/?sig=hunter22",
        *(f"rclone:remote:x?{word}=hunter22" for word in ("SECRET", "token", "PASS", "sas")),
        "rclone:remote:x?PASSWORD_X=hunter22",
        "restic:rest:http:user@host/",
        "rclone:remote:x?AccessKey=hunter22",
    ],
)
def test_a_place_with_a_secret_in_it_is_refused_and_not_repeated(target: str):
    with pytest.raises(InventoryError, match="the inventory never holds secrets") as refused:
        offsite(target)
    assert "hunter22" not in refused.value.message


def test_restic_takes_both_files_under_the_host_s_name():
    (argv,) = copy_commands("restic:/srv/r", host="manager", backup_dir="backups", name=NAME)
    options = (
        "--repo",
        "/srv/r",
        "backup",
        "--json",
        "--tag",
        "mantodeus-ops",
        "--host",
        "manager",
    )
    assert argv == ("restic", *options, f"backups/{NAME}.tar.gz", f"backups/{NAME}.json")


@pytest.mark.parametrize(
    ("place", "there", "folder"),
    [
        ("r:", "r:", "r:"),
        ("r:/", "r:/", "r:/"),
        ("r:a", "r:a/", "r:a"),
        ("r:/a/", "r:/a/", "r:/a"),
    ],
)
def test_rclone_copies_both_files_and_then_compares_them(place: str, there: str, folder: str):
    *copies, check = copy_commands(f"rclone:{place}", host="h", backup_dir="b", name=NAME)
    assert copies == [
        ("rclone", "copyto", f"b/{NAME}.{end}", f"{there}{NAME}.{end}")
        for end in ("tar.gz", "json")
    ]
    only = ("--include", f"/{NAME}.tar.gz", "--include", f"/{NAME}.json")
    assert check == ("rclone", "check", "--one-way", *only, "b", folder)


def test_the_hint_asks_the_engine_for_its_place():
    assert check_command("restic:/srv/r") == "restic --repo /srv/r snapshots"
    assert check_command("rclone:r:x") == "rclone lsd r:x"
