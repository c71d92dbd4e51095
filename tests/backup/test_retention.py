import pytest
from hypothesis import given
from hypothesis import strategies as some

from mantodeus_ops.backup.retention import Manifest, backups_to_delete, newest_first

VERDICTS = ("good", "bad", "unknown")
MANY = some.lists(
    some.builds(Manifest, some.uuids().map(str), some.integers(0, 40), some.sampled_from(VERDICTS)),
    max_size=20,
)


def backups(verdicts):
    """Return manifests of these verdicts, the oldest first: g(ood), b(ad), u(nknown)."""
    names = {word[0]: word for word in VERDICTS}
    return [Manifest(f"{at}", at, names[letter]) for at, letter in enumerate(verdicts, 1)]


@pytest.mark.parametrize(
    ("verdicts", "keep", "gone"),
    [
        ("", 5, ""),
        ("g", 1, ""),
        ("ggggg", 5, ""),
        ("gggggg", 5, "1"),
        ("gbbbb", 2, "23"),
        ("ggbbb", 2, "13"),
        ("bbbbb", 2, "123"),
        ("uuuuu", 1, "1234"),
        ("gubg", 1, "23"),
    ],
)
def test_all_go_but_the_newest_few_and_the_newest_good_one(verdicts, keep, gone):
    assert backups_to_delete(backups(verdicts), keep=keep) == tuple(gone)


@given(MANY, some.integers(1, 10))
def test_the_newest_good_one_always_stays_and_so_do_the_newest(manifests, keep):
    gone = backups_to_delete(manifests, keep=keep)
    stay = [one for one in newest_first(manifests) if one.name not in gone]
    good = [one for one in newest_first(manifests) if one.verdict == "good"]
    assert good[:1] == [one for one in stay if one.verdict == "good"][:1]
    assert newest_first(manifests)[:keep] == stay[:keep]
    assert min(keep, len(manifests)) <= len(stay) <= keep + 1


@given(MANY, some.integers(1, 10))
def test_only_known_names_go_each_once_and_a_second_time_none(manifests, keep):
    gone = backups_to_delete(manifests, keep=keep)
    assert len(set(gone)) == len(gone)
    assert set(gone) <= {one.name for one in manifests}
    assert backups_to_delete([one for one in manifests if one.name not in gone], keep=keep) == ()


@given(MANY, some.randoms(use_true_random=False))
def test_the_order_of_a_listing_says_nothing(manifests, chance):
    shuffled = list(manifests)
    chance.shuffle(shuffled)
    assert backups_to_delete(shuffled, keep=3) == backups_to_delete(manifests, keep=3)


def test_age_is_the_sequence_and_not_the_clock_in_the_name():
    clock_went_back = [
        Manifest("backup-20250101-000000", 9, "bad"),
        Manifest("backup-20260101-000000", 8, "bad"),
    ]
    assert backups_to_delete(clock_went_back, keep=1) == ("backup-20260101-000000",)


def damaged(at):
    """Return a manifest whose archive has not the bytes that it says."""
    return Manifest(f"{at}", at, "unknown", damaged=True)


def test_a_damaged_one_stays_for_a_person_to_see_until_a_sound_one_came_after_it():
    sound = backups("bb")
    assert backups_to_delete([*sound, damaged(3), damaged(4)], keep=1) == ("1",)
    assert backups_to_delete([damaged(0), *sound], keep=5) == ("0",)
    assert backups_to_delete([damaged(2), *sound], keep=5) == ("2",)
    assert backups_to_delete([damaged(1), damaged(2)], keep=1) == ()


def test_a_state_stays_under_its_newest_names_and_a_damaged_one_takes_no_place_of_it():
    same = [Manifest(f"{at}", at, "good", content="c") for at in (1, 2, 3, 5)]
    assert backups_to_delete(
        [*same, Manifest("4", 4, "unknown", content="c", damaged=True)], keep=2
    ) == (
        "1",
        "2",
        "4",
    )


def test_what_is_pinned_stays():
    assert backups_to_delete(backups("bbbb"), keep=1, pinned={"2"}) == ("1", "3")


def test_a_manifest_is_read_from_json_and_what_it_does_not_say_is_unknown():
    assert Manifest.of({"name": "b", "sequence": 3, "verdict": "good"}) == Manifest(
        "b", 3, "good", since=3
    )
    told = {"content": "c", "revision": "r", "at": 1.5, "bytes": 7, "left": True, "damaged": True}
    assert Manifest.of({"name": "b", **told}) == Manifest("b", 0, "unknown", identity="c", **told)
    assert Manifest.of({"name": "b", "size": 1}) == Manifest("b", 0, "unknown")


def test_of_good_states_one_that_was_not_changed_since_is_kept():
    newest, changed = Manifest("4", 4, "bad", content="d"), Manifest("3", 3, "good", changed=True)
    older = [Manifest("2", 2, "good", content="b"), Manifest("1", 1, "good", content="a")]
    assert backups_to_delete([newest, changed, *older], keep=1) == ("1", "3")
    assert backups_to_delete([newest, changed], keep=1) == ()
