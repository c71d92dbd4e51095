"""How the tasks around `.env` look to people: names and what is so of each, never a value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from .cells import as_count, joined
from .findings import findings
from .view import NOTHING, Column, Data, Grid, Part, Row, View, field, grid, phrase, rows

_STATES = {"set": "green", "missing": "red", "empty": "yellow", "placeholder": "red"}
_PROCESS = {"seen": "green", "unknown": "yellow"} | dict.fromkeys(
    ("old", "not yet", "still there", "PM2's own"), "red"
)

_VARIABLES: tuple[Column, ...] = (
    ("name", field("name")),
    ("state", field("state")),
    ("process", field("process")),
    ("about", lambda one: joined(*(word for word in ("required", "secret") if one[word]))),
    ("example", lambda one: "" if one["in_example"] else "not in it"),
)


def _variables_card(data: Data) -> Iterable[Part]:
    """Return a line for each variable."""
    found = list(data.get("variables") or ())
    if not found:
        return [Row("variables", f"none in {data.get('file')}")]
    tones = {"state": _STATES, "process": _PROCESS}
    return [replace(grid(found, _VARIABLES), tones=tones)]


def _count(state: str) -> Column:
    """Return the column that counts the variables in this state."""

    def cell(data: Data) -> str:
        return str(sum(one["state"] == state for one in data.get("variables") or ()) or NOTHING)

    return state, cell


def _names(*keys: str) -> Column:
    """Return the column with the names under these keys of the data."""

    def cell(data: Data) -> str:
        found: object = data
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return ", ".join(map(str, found)) if isinstance(found, list | tuple) else ""

    return keys[-1].replace("_", " "), cell


def _changed_card(data: Data) -> Iterable[Part]:
    """Return what was changed, and whether the process has it."""
    process = field("process")(data)
    return rows(
        Row("variable", _names("names")[1](data)),
        Row("added", _names("added")[1](data)),
        Row("to fill in", _names("to_fill")[1](data), "yellow"),
        Row("file", field("file")(data)),
        Row("backup", field("backup")(data)),
        Row("health", field("health")(data), "green"),
        Row("process", _HAS.get(process, process), "yellow" if process == "old" else ""),
    )


_HAS = {
    "new": "has the present values",
    "old": "still has the values before, until a restart",
    "unknown": "unknown: it was not started by this tool",
}


def _checked_card(data: Data) -> Iterable[Part]:
    """Return each finding with what mends it below."""
    databases = rows(Row("databases", _databases(data.get("databases") or ())))
    return [*databases, *findings(data)]


def _databases(found: Sequence[Data]) -> str:
    """Return how each database answered."""
    told = [f"{one['name']} {one['reach']}{_login(one)}" for one in found]
    return "\n".join(told)


def _login(one: Data) -> str:
    return {"ok": ", login ok", "refused": ", login refused"}.get(one.get("login", ""), "")


def _differs_card(data: Data) -> Iterable[Part]:
    """Return how the file differs from its example and from what runs."""
    found = rows(
        Row("missing", _names("example", "missing")[1](data), "yellow"),
        Row("not in example", _names("example", "not_in_example")[1](data)),
        Row("as in example", _names("example", "as_in_example")[1](data)),
        Row("not in process", _names("process")[1](data), "yellow"),
    )
    return found or [Row("differences", "none", "green")]


def _between_hosts(data: Data) -> Iterable[Part]:
    """Return a line for each variable that is not the same on all hosts."""
    found = list(data.get("between_hosts") or ())
    if not found:
        return [Row("between hosts", "no variable differs", "green")]
    hosts = tuple(found[0]["hosts"])
    lines = tuple((one["name"], *(one["hosts"][host] for host in hosts)) for one in found)
    return [Grid(("variable", *hosts), lines)]


variables = View(_variables_card, tuple(map(_count, ("set", "empty", "placeholder", "missing"))))
changed = View(
    _changed_card,
    (_names("names"), _names("added"), ("process", field("process")), ("backup", field("backup"))),
)
env_checked = View(
    _checked_card,
    (
        ("findings", field("findings", show=as_count)),
        ("databases", lambda one: phrase(_databases(one.get("databases") or ()))),
    ),
)
env_differs = View(
    _differs_card,
    (
        _names("example", "missing"),
        _names("example", "not_in_example"),
        ("not in process", _names("process")[1]),
    ),
    together=_between_hosts,
)
