from hypothesis import given
from hypothesis import strategies as st

from fabfile.pure.retention import Manifest, newest_first
from fabfile.pure.room import spare_backups, told_items


def backup(number, verdict="good", **more):
    """Return a backup of a state of its own."""
    known = {"name": f"b{number}", "sequence": number, "verdict": verdict, "bytes": 100}
    return {**known, "content": f"c{number}", "sha256": f"s{number}", **more}


def names(items):
    """Return what would go."""
    return {item["what"] for item in items}


def test_all_but_the_newest_and_a_good_one_to_go_back_to_may_go():
    found = [backup(1), backup(2), backup(3, "bad"), backup(4)]
    assert names(spare_backups(found)) == {"b1", "b3"}


def test_bytes_that_another_backup_still_needs_are_not_freed():
    found = [backup(1, sha256="s", content="c"), backup(2, sha256="s", content="c")]
    assert [item["bytes"] for item in spare_backups(found)] == [0]


@given(st.lists(st.sampled_from(["good", "bad", "unknown"]), max_size=8))
def test_the_newest_good_backup_never_goes(verdicts):
    found = [backup(number, verdict) for number, verdict in enumerate(verdicts, 1)]
    good = [
        one.name for one in newest_first(list(map(Manifest.of, found))) if one.verdict == "good"
    ]
    assert not set(good[:1]) & names(spare_backups(found))


def test_the_largest_comes_first_with_why_it_may_go():
    items = told_items(
        [{"kind": "log", "what": "a", "bytes": 1}, {"kind": "cache", "what": "b", "bytes": 2}]
    )
    assert [item["what"] for item in items] == ["b", "a"]
    assert all(item["why"] for item in items)
