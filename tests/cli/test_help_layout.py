import pytest

from mantodeus_ops.cli.help_layout import (
    columns,
    examples,
    listing,
    paragraph,
    shorten,
    with_remarks,
)


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("Start the app.", 20, "Start the app"),
        ("Go back to the last good state: outputs, .env.", 40, "Go back to the last good state"),
        ("Set it; asks, twice, for what is new in it.", 30, "Set it; asks, twice"),
        ("Delete old backups: the newest states stay, and a good one.", 45,
         "Delete old backups: the newest states stay"),
        ("A sentence of 24 columns: then more, and still more of it.", 45,
         "A sentence of 24 columns"),
        ("A sentence of 3 columns: then more, and still more of it.", 45,
         "A sentence of 3 columns: then more"),
        ("Ends, there: and not elsewhere at all.", 11, "Ends, there"),
        ("Fits to the last.", 16, "Fits to the last"),
        ("Fits, to the last.", 16, "Fits"),
        ("Antidisestablishmentarianism is all of it.", 12, "Antidisesta…"),
    ],
)  # fmt: skip
def test_a_line_of_the_listing_ends_where_a_clause_ends(text, room, shown):
    assert shorten(text, room) == shown
    assert len(shown) <= room


def test_a_listing_has_one_line_for_each_task_and_never_a_wider_one():
    groups = [("one: first", [("one", "Do it."), ("one.more", "Do it, " * 40)]), ("two: x", [])]
    text = listing(groups, 60)
    assert text.splitlines() == [
        "one: first",
        "  one       Do it",
        "  one.more  Do it, Do it, Do it, Do it, Do it, Do it, Do it",
        "",
        "two: x",
    ]


def test_a_line_of_a_listing_may_be_as_wide_as_the_page_and_no_wider():
    texts = ["Do it and then do it on", "Do it and then do it onn"]
    text = listing([("one", [("one", text) for text in texts])], 30)
    assert text == "one\n  one  Do it and then do it on\n  one  Do it and then do it o…\n"
    assert listing([("none", [])], 30) == "none\n"


def test_beside_a_name_there_are_twenty_columns_on_the_narrowest_page():
    assert columns([("a", "aaaa bbbb cccc dddd e"), ("b", "aaaa bbbb cccc ddddd")], 5) == [
        "  a  aaaa bbbb cccc dddd",
        "     e",
        "  b  aaaa bbbb cccc ddddd",
    ]
    assert columns([("a", "aaaa " * 9)], 60) == ["  a  " + "aaaa " * 8 + "aaaa"]
    assert columns([], 30) == []


def test_a_long_text_goes_on_under_its_beginning():
    assert columns([("--a", "one two three four five six"), ("--bc", "")], 30) == [
        "  --a   one two three four",
        "        five six",
        "  --bc",
    ]


def test_a_paragraph_is_set_in_and_no_line_is_wider():
    assert paragraph("one two three four", 12) == ["  one two", "  three four"]


DOC = "Do it.\n\nfab -H web one --x  # why\ncat x | fab -H manager one\n"


def test_examples_are_what_a_person_types_at_this_door():
    assert examples(DOC, "inv") == ["inv one --x  # why", "cat x | inv one"]
    assert examples(DOC, "fab -H NAME")[0] == "fab -H web one --x  # why"
    assert examples("Do it.", "inv") == []
    assert examples("Do it.\n\n  fab -H web one  \n \n", "inv") == ["inv one"]
    assert with_remarks([" a   # x", "ab  # y"]) == [" a  # x", "ab  # y"]
    assert with_remarks(["a  # x", "abc  # y", "a long one"]) == [
        "a    # x",
        "abc  # y",
        "a long one",
    ]
