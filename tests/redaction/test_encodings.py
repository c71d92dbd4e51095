"""In which shapes a secret is looked for; that they are those of real programs, redaction shows."""

import pytest

from mantodeus_ops.redaction.encodings import encodings_of


def test_a_plain_word_has_itself_and_what_base64_around_it_has_in_common():
    assert encodings_of("abcd") == {"abcd", "YWJjZ", "FiY2", "hYmNk"}


def test_what_is_shorter_than_four_has_no_shape_of_its_own():
    assert "abc" not in encodings_of("abc")
    assert encodings_of("") == set()


@pytest.mark.parametrize(
    ("secret", "shape"),
    [
        (" ab cd\n", "ab cd"),
        ("one two\r\nthree", "one two\nthree"),
        ("one two\nthree", "one two\r\nthree"),
        ("a\\b\nc\rd", "a\\b\\nc\\rd"),
        ("a\\b\n'c\"d", "a\\b\n'c\"d"),
        (" 8 letter\t\r\nshort", "8 letter"),
        ("short\n\n8 letter \n", "8 letter"),
        ("------\n8-----_-----", "8-----_-----"),
    ],
)
def test_a_secret_is_looked_for_as_programs_and_people_change_it(secret, shape):
    assert shape in encodings_of(secret)


@pytest.mark.parametrize(
    ("secret", "line"),
    [
        ("longer than that\n1234567", "1234567"),
        ("-----BEGIN A KEY-----\nabc", "-----BEGIN A KEY-----"),
    ],
)
def test_a_line_that_tells_nothing_is_no_shape(secret, line):
    assert line not in encodings_of(secret)


def test_a_line_end_of_windows_is_made_of_none_that_is_one():
    assert not any("\r\r" in shape for shape in encodings_of("one two\r\nthree"))
