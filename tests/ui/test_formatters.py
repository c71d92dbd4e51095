from mantodeus_ops.ui.formatters import (
    as_bytes,
    as_count,
    as_moment,
    as_names,
    as_revision,
    as_seconds,
    joined,
    labelled,
    newest,
)
from mantodeus_ops.ui.layout import NOTHING, field


def test_numbers_get_their_unit():
    assert (as_bytes(2048), as_seconds(90)) == ("2.0 kB", "1 min 30 s")
    assert as_moment(0).startswith("19")


def test_what_is_no_number_stays_a_phrase():
    assert [show(None) for show in (as_bytes, as_seconds, as_moment, as_count)] == [NOTHING] * 4
    assert [show("?") for show in (as_bytes, as_seconds, as_moment, as_names)] == ["?"] * 4


def test_a_revision_is_short():
    assert as_revision("a" * 40) == "a" * 10


def test_lists_are_counted_or_named():
    assert (as_count(["a", "b"]), as_names(["a", 2])) == ("2", "a, 2")


def test_parts_that_say_nothing_are_left_out():
    assert joined("a", "", NOTHING, "b") == "a, b"
    assert (labelled("at", "noon"), labelled("at", NOTHING), labelled("at", "")) == (
        "at noon",
        "",
        "",
    )


def test_the_newest_entry_stands_for_its_list():
    (_, count), (title, name) = newest("backups", (("name", field("name")),))
    data = {"backups": [{"name": "b2"}, {"name": "b1"}]}
    assert (count(data), title, name(data)) == ("2", "name", "b2")
    assert (name({}), name({"backups": []})) == (NOTHING, NOTHING)
