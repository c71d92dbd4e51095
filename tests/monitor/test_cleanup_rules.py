from hypothesis import given
from hypothesis import strategies as st

from mantodeus_ops.backup.retention import Manifest, newest_first
from mantodeus_ops.monitor.cleanup_rules import describe_items, spare_backups


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


def test_bytes_that_another_backup_still_needs_are_not_freed_and_none_are_freed_twice():
    found = [
        backup(1, sha256="s", content="c"),
        backup(2, sha256="s", content="c"),
        backup(3, "bad", sha256="t"),
        backup(4, "unknown", sha256="t"),
        {"name": "b5", "sequence": 5, "content": "c5", "sha256": "u"},
        backup(6),
    ]
    assert spare_backups(found) == [
        {"kind": "backup", "what": "b1", "bytes": 0, "why": "an older backup, good"},
        {"kind": "backup", "what": "b3", "bytes": 100, "why": "an older backup, bad"},
        {"kind": "backup", "what": "b4", "bytes": 0, "why": "an older backup, unknown"},
        {"kind": "backup", "what": "b5", "bytes": 0, "why": "an older backup, unknown"},
    ]


@given(st.lists(st.sampled_from(["good", "bad", "unknown"]), max_size=8))
def test_the_newest_good_backup_never_goes(verdicts):
    found = [backup(number, verdict) for number, verdict in enumerate(verdicts, 1)]
    good = [
        one.name for one in newest_first(list(map(Manifest.of, found))) if one.verdict == "good"
    ]
    assert not set(good[:1]) & names(spare_backups(found))


def test_the_largest_comes_first_with_why_it_may_go():
    found = [("log", 1), ("file", 4), ("tree", 3), ("cache", 2)]
    items = describe_items([{"kind": kind, "what": kind, "bytes": size} for kind, size in found])
    assert [(item["what"], item["why"]) for item in items] == [
        ("file", "a log that was rotated away"),
        ("tree", "left over from a run"),
        ("cache", "a cache; it fills again by itself"),
        ("log", "a log of PM2's; its end stays"),
    ]
    backup_of = {"kind": "backup", "what": "b1", "bytes": 1, "why": "an older backup, good"}
    assert describe_items([backup_of]) == [backup_of]
