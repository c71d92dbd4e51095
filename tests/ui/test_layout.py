import pytest

from mantodeus_ops.ui.layout import NOTHING, Grid, Row, field, grid, phrase, rows, words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, NOTHING),
        ("", NOTHING),
        ([], NOTHING),
        ({}, NOTHING),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1.50, "1.5"),
        ("words", "words"),
        (["one", 2], "one\n2"),
        ({"pm2_name": "web", "up": True}, "pm2 name web, up yes"),
    ],
)
def test_a_value_becomes_words(value, text):
    assert phrase(value) == text


def test_a_key_becomes_words():
    assert words("uptime_human") == "uptime human"


def test_a_field_shows_the_first_key_that_has_a_value():
    cell = field("tag", "branch", show=str)
    assert cell({"tag": None, "branch": "main"}) == "main"
    assert cell({"tag": 0, "branch": "main"}) == "0"
    assert cell({}) == NOTHING


def test_rows_that_say_nothing_are_left_out():
    assert rows(Row("a", ""), Row("b", NOTHING), Row("c", "3")) == (Row("c", "3"),)


def test_a_grid_has_no_column_that_is_empty_in_each_row():
    entries = ({"name": "a", "size": None}, {"name": "b", "size": None})
    columns = (("name", field("name")), ("size", field("size")))
    assert grid(iter(entries), columns) == Grid(("name",), (("a",), ("b",)))


def test_a_grid_of_nothing_is_empty():
    assert grid((), (("name", field("name")),)) == Grid((), ())


def test_a_cell_has_the_tone_of_its_text_in_its_column():
    table = Grid(("state",), (("bad",),), tones={"state": {"bad": "red"}})
    assert (table.tone("state", "bad"), table.tone("state", "good")) == ("red", "")
    assert (table.tone("name", "bad"), Grid((), ()).tone("state", "bad")) == ("", "")
