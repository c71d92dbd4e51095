import pytest

from mantodeus_ops.backup.naming import backup_name


@pytest.mark.parametrize("before", ["", "backups/", "/srv/app/backups/"])
@pytest.mark.parametrize("after", ["", ".tar.gz", ".json"])
def test_a_backup_may_be_named_by_its_files(before, after):
    assert backup_name(f"{before}backup-20260101-120000{after}") == "backup-20260101-120000"


def test_another_ending_is_a_part_of_the_name():
    assert backup_name("backup.tar") == "backup.tar"
