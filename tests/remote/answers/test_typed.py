from typing import Annotated, Literal, NotRequired, TypedDict

import pytest

from mantodeus_ops.remote.answers.decode import UnexpectedError, matching
from mantodeus_ops.remote.answers.typed import FITTING, reader_of


class Inner(TypedDict):
    """A part of an answer."""

    count: int


class Base(TypedDict, total=False):
    """Keys that may be missing."""

    note: str


class Outer(Base):
    """An answer with a key of each kind."""

    held: Literal[True]
    kind: Literal["a", "b"]
    inner: Inner | None
    names: list[str]
    sizes: dict[str, float]
    lines: Annotated[list[Inner], FITTING]
    mode: Annotated[str, matching("[0-7]+")]
    any: object
    last: NotRequired[bool]


GOOD = {
    "held": True,
    "kind": "a",
    "inner": {"count": 1},
    "names": ["x"],
    "sizes": {"x": 0.5},
    "lines": [],
    "mode": "644",
    "any": None,
}


def test_an_object_is_read_as_its_type_says_and_keeps_what_else_it_has():
    for more in ({}, {"note": "x", "last": False}, {"other": [1]}, {"inner": None}):
        assert reader_of(Outer)(GOOD | more) == GOOD | more
    odd = GOOD | {"lines": [None, {"count": 2}, {"count": "x"}]}
    assert reader_of(Outer)(odd)["lines"] == [{"count": 2}]


@pytest.mark.parametrize(
    "odd",
    [
        *({"held": value} for value in (False, None, 1, "True")),
        *({"kind": value} for value in ("c", "", True, None)),
        *({"inner": value} for value in ({}, [], {"count": -1}, {"count": True})),
        *({"names": value} for value in (None, "x", [1])),
        *({"sizes": value} for value in (None, [], {"x": "1"})),
        *({"lines": value} for value in (None, {})),
        *({"mode": value} for value in ("", "9", 644)),
        *({"last": value} for value in (None, 1)),
        {"note": None},
    ],
)
def test_a_value_of_another_type_is_no_answer(odd):
    with pytest.raises(UnexpectedError):
        reader_of(Outer)(GOOD | odd)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_key_that_must_be_there_is_missed(name):
    with pytest.raises(UnexpectedError, match=f"^{name} is missing$"):
        reader_of(Outer)({key: value for key, value in GOOD.items() if key != name})
