import pytest
from hypothesis import given
from hypothesis import strategies as some

from mantodeus_ops.errors import UsageError
from mantodeus_ops.fleet.batches import batch_size, batches, whole_number


@pytest.mark.parametrize(
    ("text", "count", "size"),
    [
        ("1", 10, 1),
        ("3", 10, 3),
        ("99", 10, 99),
        ("007", 10, 7),
        ("25%", 10, 2),
        ("50%", 3, 1),
        ("1%", 10, 1),
        ("101", 10, 101),
        ("999999", 10, 999_999),
        ("100%", 10, 10),
        ("100%", 1, 1),
        ("10%", 0, 1),
    ],
)
def test_a_batch_is_a_number_of_hosts_or_a_share_of_them(text, count, size):
    assert batch_size(text, count) == size


@pytest.mark.parametrize(
    "text", ["", "0", "0%", "101%", "-1", "1.5", "%", "half", " 1", "1 ", "1\n", "٣", "9999999"]
)
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(UsageError) as caught:
        batch_size(text, 10)
    told = f"--batch takes a number of hosts or a percentage, not {text!r}"
    assert caught.value.message == told
    assert caught.value.hint == "fab -H web deploy --batch 25%"


@given(some.lists(some.integers()), some.integers(1, 9))
def test_batches_hold_every_host_once_in_order_and_none_is_too_large(items, size):
    cut = batches(items, size)
    assert [item for batch in cut for item in batch] == items
    assert all(0 < len(batch) <= size for batch in cut)


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("60", 60), ("010", 10), ("9" * 9, 999_999_999)]
)
def test_a_whole_number_is_read(text, number):
    assert whole_number(text, "wait") == number


@pytest.mark.parametrize("text", ["", "abc", "-1", "1.5", "1e3", " 1", "1\n", "٣", "1" * 10])
def test_what_is_no_whole_number_is_refused_by_the_option_s_name(text):
    with pytest.raises(UsageError, match="--wait takes a whole number"):
        whole_number(text, "wait")
