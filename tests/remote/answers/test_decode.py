import json
import sys

import pytest

from mantodeus_ops.remote.answers import decode
from mantodeus_ops.remote.answers.decode import UnexpectedError, decode_json

DEEP = "[" * 41 + "]" * 41


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nonsense",
        '{"a":1} {"a":2}',
        "NaN",
        "[Infinity]",
        '{"a":-Infinity}',
        "1e999",
        "-1e999",
        "1" + "0" * 400,
        "9" * 5000,
        str(2**53 + 1),
        DEEP,
        '{"a":' * 41 + "1" + "}" * 41,
        "[" * 100_000,
        '{"a":' * 100_000,
        '"\\ud800"',
        '{"\\udc00":1}',
        "[" + "[]," * 500_000 + "1]",
        json.dumps("x" * decode.MOST_BYTES),
    ],
)
def test_json_that_is_none_or_out_of_bounds_is_refused(text):
    with pytest.raises(UnexpectedError):
        decode_json(text)


@pytest.mark.parametrize(
    "value",
    [None, 5, -0.5, 2**53, "é☃😀\u2028", [[]], {"a": {"b": [1, "x", None, True]}}, "x" * 100_000],
)
def test_json_within_bounds_is_what_it_says(value):
    assert decode_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("reader", "good", "bad"),
    [
        (decode.flag, [True, False], [None, 1, "true", []]),
        (decode.number, [0, -1.5, 3], [True, None, "3", []]),
        (decode.whole, [0, 3], [-1, 1.0, True, None, "3"]),
        (decode.text, ["", "x" * 65_536], [None, 5, [], "x" * 65_537]),
        (decode.bulk, ["x" * 65_537], [None, 5]),
        (decode.base64, ["", "YQ=="], [None, "YQ", "é", "a" * 5]),
        (decode.matching("[0-7]+"), ["644"], ["", "abc", "9", "7\n", None]),
        (decode.maybe(decode.flag), [None, True], [0]),
        (decode.many(decode.whole), [[], [1, 2]], [None, {}, "ab", [None], 5]),
        (decode.table(decode.whole), [{}, {"a": 1}], [None, [], {"a": "x"}]),
        (
            decode.record({"a": decode.whole, "b": decode.flag}, ["a"]),
            [{"a": 1}, {"a": 1, "b": True}, {"a": 1, "other": [None]}],
            [None, [], 5, {}, {"a": None}, {"a": 1, "b": None}],
        ),
    ],
)
def test_a_reader_takes_its_kind_and_nothing_else(reader, good, bad):
    assert [reader(value) for value in good] == good
    for value in bad:
        with pytest.raises(UnexpectedError):
            reader(value)


def test_an_item_that_does_not_fit_takes_no_others_along():
    reader = decode.valid_items(decode.record({"at": decode.number}, ["at"]))
    assert reader([{"at": 1}, {"at": "x"}, None, 5, {}]) == [{"at": 1}]
    with pytest.raises(UnexpectedError):
        reader({"at": 1})


def test_an_error_names_the_place_and_repeats_nothing_that_was_said():
    inner = decode.record({"b": decode.many(decode.whole)}, ["b"])
    with pytest.raises(UnexpectedError, match=r"^a\.b\.1 is not a whole number$"):
        decode.record({"a": inner}, ["a"])({"a": {"b": [1, "hidden"]}})
    with pytest.raises(UnexpectedError, match=r"^a\.\* is not a whole number$"):
        decode.record({"a": decode.table(decode.whole)}, ["a"])({"a": {"hidden": "hidden"}})


def test_an_answer_that_is_as_large_as_may_be_costs_little_memory():
    largest = decode_json(f"[{'[],' * 160_000}1]")
    assert sum(map(sys.getsizeof, largest)) < 20_000_000
