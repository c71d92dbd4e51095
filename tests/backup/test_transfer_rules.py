from __future__ import annotations

import pytest

from mantodeus_ops.backup.transfer_rules import Archive, check_offer, name_of_file, parse_manifest
from mantodeus_ops.errors import HostError, UsageError

NAME = "backup-20260102-030405"
GOOD = {"name": NAME, "bytes": 7, "sha256": "0" * 64}


def test_what_a_host_offers_is_read():
    assert check_offer({**GOOD, "more": 1}) == Archive(NAME, 7, "0" * 64)
    assert check_offer({**GOOD, "bytes": 1}).bytes == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "../../.bashrc"},
        {"name": f"{NAME}\n"},
        {"name": f"x{NAME}"},
        {"sha256": "0" * 65},
        {"name": 1},
        {"bytes": 0},
        {"bytes": True},
        {"bytes": "7"},
        {"sha256": "0" * 63},
        {"sha256": None},
    ],
)
def test_a_host_does_not_choose_a_path_here(bad: dict[str, object]):
    with pytest.raises(HostError, match="the manifest on the host is damaged") as refused:
        check_offer({**GOOD, **bad})
    assert refused.value.hint == "backup.verify"


@pytest.mark.parametrize("file", [NAME, f"{NAME}.tar.gz", f"/x/y/{NAME}.tar.gz", f"{NAME}.json"])
def test_a_file_has_the_name_of_its_backup(file: str):
    assert name_of_file(file) == NAME


@pytest.mark.parametrize("file", ["", "x.tar.gz", f"{NAME}.zip", f"x{NAME}.tar.gz"])
def test_a_file_of_another_name_is_refused(file: str):
    with pytest.raises(UsageError, match="is not the name of a backup") as refused:
        name_of_file(file)
    assert refused.value.hint == f"mv {file} backup-YYYYMMDD-HHMMSS.tar.gz"


@pytest.mark.parametrize("text", ["", "x", "[]", "1", "[" * 10_000, '"x"'])
def test_what_is_no_manifest_says_nothing(text: str):
    assert parse_manifest(text) == {}


def test_a_manifest_says_what_it_says():
    assert parse_manifest('{"name": "x"}') == {"name": "x"}
