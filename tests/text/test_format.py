import pytest

from mantodeus_ops.text.format import (
    human_bytes,
    human_count,
    human_names,
    human_seconds,
    human_share,
    human_time,
    human_whole,
    short,
)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (412_345_678, "412 MB"),
        (1_500_000_000, "1.5 GB"),
        (2e12, "2.0 TB"),
        (-2_000, "-2.0 kB"),
        (5e18, "5000 PB"),
    ],
)
def test_an_amount_of_bytes_reads_like_a_disk(count, expected):
    assert human_bytes(count) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.0 s"),
        (-1, "0.0 s"),
        (12.34, "12.3 s"),
        (59.94, "59.9 s"),
        (59.95, "1 min"),
        (252, "4 min 12 s"),
        (3_599.6, "1 h"),
        (3_605, "1 h"),
        (11_100, "3 h 5 min"),
        (273_600, "3 d 4 h"),
        (400 * 86_400, "400 d"),
    ],
)
def test_a_duration_reads_in_its_two_largest_units(seconds, expected):
    assert human_seconds(seconds) == expected


def test_a_time_says_its_zone():
    assert human_time(1_764_945_000) == "2025-12-05 14:30:00 UTC"


def test_a_revision_is_shortened_and_a_short_one_left_alone():
    assert (short("0123456789abcdef"), short("main")) == ("0123456789", "main")


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 5, "0 %"), (412, 678, "60 %"), (999, 1_000, "99 %"), (7, 7, "100 %"), (7, 0, "-")],
)
def test_a_share_is_a_hundred_only_when_nothing_is_missing(part, whole, expected):
    assert human_share(part, whole) == expected


@pytest.mark.parametrize(
    ("count", "expected"), [(0, "0 backups"), (1, "1 backup"), (2_033, "2,033 backups")]
)
def test_a_count_names_its_thing(count, expected):
    assert human_count(count, "backup") == expected


def test_names_are_told_up_to_so_many():
    assert human_names(["a", "b", "c"], 3) == "a, b, c"
    assert human_names(["a", "b", "c", "d"], 3) == "a, b, c and 1 more"


def test_a_time_that_goes_on_is_told_in_whole_seconds():
    assert [human_whole(seconds) for seconds in (0.9, 59.99, 61.5)] == ["0 s", "59 s", "1 min 1 s"]
