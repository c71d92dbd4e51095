"""Readers made of types: a TypedDict is at once what mypy knows and what an answer is held to."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from mantodeus_ops.remote.answers.decode import (
    Reader,
    UnexpectedError,
    anything,
    flag,
    many,
    maybe,
    mode,
    number,
    record,
    table,
    text,
    valid_items,
    whole,
)

T = TypeVar("T")
Mode = Annotated[str, mode]
FITTING = "items that do not fit are left out"
_PLAIN: dict[object, Reader[object]] = {
    bool: flag,
    str: text,
    int: whole,
    float: number,
    object: anything,
}


def reader_of(kind: type[T]) -> Reader[T]:
    """Return a reader of objects as this TypedDict says; other keys are kept as they are.

    `str` is text of the length that a person can read, `int` a whole number from 0; a reader in
    `Annotated` takes the place of the type. It is made when it is first used: most programs are
    not asked by one command.
    """

    def read(value: object) -> T:
        return cast("T", _record(cast("type", kind))(value))

    return read


@cache
def _record(kind: type) -> Reader[object]:
    hints = get_type_hints(kind, include_extras=True)
    needed = [key for key in hints if key in kind.__required_keys__]  # type: ignore[attr-defined]
    return record({key: _reader(hint) for key, hint in hints.items()}, needed)


def _reader(hint: object) -> Reader[object]:
    """Return the reader of values of this type."""
    if is_typeddict(hint):
        return _record(cast("type", hint))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        base, how = arguments[:2]
        return valid_items(_reader(get_args(base)[0])) if how is FITTING else how
    if origin in {Required, NotRequired}:
        return _reader(arguments[0])
    if origin in {Union, UnionType}:
        (other,) = (one for one in arguments if one is not NoneType)
        return maybe(_reader(other))
    return _PLAIN[hint] if origin is None else _container(origin, arguments)


def _container(origin: object, arguments: tuple[object, ...]) -> Reader[object]:
    if origin is Literal:
        return _one_of(arguments)
    return many(_reader(arguments[0])) if origin is list else table(_reader(arguments[1]))


def _one_of(values: tuple[object, ...]) -> Reader[object]:
    def read(value: object) -> object:
        if isinstance(value, str | bool) and value in values:
            return value
        raise UnexpectedError("is of another form")

    return read
