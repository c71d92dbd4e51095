"""The view of watch."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.text.format import human_count
from mantodeus_ops.ui.formatters import (
    as_moment,
    labelled,
)
from mantodeus_ops.ui.layout import (
    Data,
    Part,
    Row,
    View,
    field,
    rows,
)


def _watch_card(data: Data) -> Iterable[Part]:
    """Return the assessment of the app during the watch."""
    latency, memory = data.get("latency_ms") or {}, data.get("memory_mb") or {}
    lost = [f"{as_moment(loss['at'])}: {loss['reason']}" for loss in data.get("lost") or ()]
    return rows(
        Row("looks", _looks(data)),
        Row("health lost", "\n".join(lost), "red"),
        Row("latency", labelled("median", _unit(latency, "median", "ms")) + _most(latency, "ms")),
        Row("memory", _unit(memory, "first", "MB") + labelled(" to", _unit(memory, "last", "MB"))),
        Row("cpu", labelled("at most", _unit(data.get("cpu_percent") or {}, "most", "%"))),
        Row("restarts", field("restarts")(data)),
        Row("errors", human_count(int(data.get("errors") or 0), "line") + " in the log"),
        Row("verdict", field("verdict")(data), "red"),
    )


def _looks(data: Data) -> str:
    ill = data.get("unhealthy") or 0
    return f"{data.get('samples')}, {ill} of them unhealthy" if ill else f"{data.get('samples')}"


def _unit(values: Data, key: str, unit: str) -> str:
    return f"{values[key]:g} {unit}" if key in values else ""


def _most(values: Data, unit: str) -> str:
    return f", at most {_unit(values, 'most', unit)}" if "most" in values else ""


watch = View(
    _watch_card,
    (
        ("looks", field("samples")),
        ("unhealthy", field("unhealthy")),
        ("restarts", field("restarts")),
        ("errors", field("errors")),
    ),
    live=True,
)
