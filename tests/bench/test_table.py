import pytest

from bench.load import is_whole
from bench.samples import Bar, Row
from bench.table import main_table, ratio_text, show, values_text


@pytest.mark.parametrize(
    ("values", "unit", "text"),
    [
        ((), "s", ""),
        ((1.0,), "s", "1.00 s"),
        ((3.0, 1.0, 2.0), "s", "2.00 s (1.00-3.00)"),
        ((0.0, 4.0, 1.0), "req", "1 req (0-4)"),
    ],
)
def test_values_are_shown_as_median_and_spread(values, unit, text):
    assert values_text(values, unit) == text


@pytest.mark.parametrize(("ratio", "text"), [(None, ""), (1.254, "1.25"), (0.0123, "0.012")])
def test_a_small_ratio_has_more_digits(ratio, text):
    assert ratio_text(ratio) == text


def test_every_row_is_in_the_table_with_its_verdict(capsys):
    rows = [
        Row("deploy", "s", (9.0,), (40.0,), Bar(0.5, "ratio", "half")),
        Row("boot", "s", (1.0,)),
    ]
    assert main_table([rows]).row_count == 2
    show({"cores": "2"}, [rows[:1], rows[1:]], rows)
    printed = capsys.readouterr().err
    for expected in ("cores", "deploy", "9.00 s", "40.00 s", "0.23", "half", "met", "boot"):
        assert expected in printed


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nhi", False),
        (b"", False),
    ],
)
def test_an_answer_counts_only_when_it_is_a_whole_200(text, whole):
    assert is_whole(text) is whole
