"""The views of the env tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from mantodeus_ops.ui.finding_rows import findings
from mantodeus_ops.ui.formatters import as_count, as_names, joined
from mantodeus_ops.ui.layout import (
    NOTHING,
    Column,
    Data,
    Grid,
    Part,
    Row,
    View,
    field,
    grid,
    phrase,
    rows,
)

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
    entries = list(data.get("variables") or ())
    if not entries:
        return [Row("variables", f"none in {data.get('file')}")]
    tones = {"state": _STATES, "process": _PROCESS}
    return [replace(grid(entries, _VARIABLES), tones=tones)]


def _count(state: str) -> Column:
    """Return the column that counts the variables in this state."""

    def cell(data: Data) -> str:
        return str(
            sum(variable["state"] == state for variable in data.get("variables") or ()) or NOTHING
        )

    return state, cell


def _in_example(key: str) -> Callable[[Data], str]:
    """Return what shows the names under this key of the comparison with the example."""
    named = field(key, show=as_names)
    return lambda data: named(data.get("example") or {})


def _changed_card(data: Data) -> Iterable[Part]:
    """Return the changes, and whether the process has them."""
    process = field("process")(data)
    return rows(
        Row("variable", field("names", show=as_names)(data)),
        Row("added", field("added", show=as_names)(data)),
        Row("to fill in", field("to_fill", show=as_names)(data), "yellow"),
        Row("file", field("file")(data)),
        Row("backup", field("backup")(data)),
        Row("health", field("health")(data), "green"),
        Row("process", _HAS.get(process, process), "yellow" if process == "old" else ""),
    )


_HAS = {
    "new": "has the present values",
    "old": "has the previous values until a restart",
    "unknown": "unknown: it was not started by this tool",
}


def _checked_card(data: Data) -> Iterable[Part]:
    """Return each finding with its fix below."""
    databases = rows(Row("databases", _databases(data.get("databases") or ())))
    return [*databases, *findings(data)]


def _databases(databases: Sequence[Data]) -> str:
    """Return the state of each database."""
    lines = [f"{database['name']} {database['reach']}{_login(database)}" for database in databases]
    return "\n".join(lines)


def _login(database: Data) -> str:
    return {"ok": ", login ok", "refused": ", login refused"}.get(database.get("login", ""), "")


def _differs_card(data: Data) -> Iterable[Part]:
    """Return the differences between the file, its example and the process."""
    differences = rows(
        Row("missing", _in_example("missing")(data), "yellow"),
        Row("not in example", _in_example("not_in_example")(data)),
        Row("as in example", _in_example("as_in_example")(data)),
        Row("not in process", field("process", show=as_names)(data), "yellow"),
    )
    return differences or [Row("differences", "none", "green")]


def _between_hosts(data: Data) -> Iterable[Part]:
    """Return a line for each variable that is not the same on all hosts."""
    entries = list(data.get("between_hosts") or ())
    if not entries:
        return [Row("between hosts", "no variable differs", "green")]
    hosts = tuple(entries[0]["hosts"])
    lines = tuple((entry["name"], *(entry["hosts"][host] for host in hosts)) for entry in entries)
    return [Grid(("variable", *hosts), lines)]


variables = View(_variables_card, tuple(map(_count, ("set", "empty", "placeholder", "missing"))))
change_view = View(
    _changed_card,
    (
        ("names", field("names", show=as_names)),
        ("added", field("added", show=as_names)),
        ("process", field("process")),
        ("backup", field("backup")),
    ),
)
check_view = View(
    _checked_card,
    (
        ("findings", field("findings", show=as_count)),
        ("databases", lambda one: phrase(_databases(one.get("databases") or ()))),
    ),
)
diff_view = View(
    _differs_card,
    (
        ("missing", _in_example("missing")),
        ("not in example", _in_example("not_in_example")),
        ("not in process", field("process", show=as_names)),
    ),
    together=_between_hosts,
)
