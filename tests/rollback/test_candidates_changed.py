"""Where a rollback goes when the app wrote into the files of a version."""

import pytest

from mantodeus_ops.rollback.candidates import rollback_candidates
from tests.rollback.test_candidates import backup, letters, seen


@pytest.mark.parametrize(
    ("backups", "expected"),
    [
        ([backup(1, "a"), backup(2, "b", changed=True)], "ab"),
        ([backup(1, "a", changed=True), backup(2, "b", changed=True)], "ba"),
        ([backup(1, "a"), backup(2, "b", changed=True, same_revision=False)], "ab"),
    ],
)
def test_a_state_whose_files_were_changed_since_is_the_last_choice(backups, expected):
    other = [{"same_revision": False, **one} for one in backups]
    assert letters(rollback_candidates(seen("c", *other), [], undo=False)) == expected


@pytest.mark.parametrize(
    ("differs", "staying", "expected"),
    [(["dist"], "", ""), (["dist", ".env"], "", "a"), (["dist", ".env"], ".env", "")],
)
def test_the_live_version_with_other_changes_is_no_state_to_go_back_to(differs, staying, expected):
    same = backup(1, "a", changed=True, same_revision=True, differs=differs)
    found = rollback_candidates(seen("c", same), [], undo=False, staying=staying)
    assert letters(found) == expected
