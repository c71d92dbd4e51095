"""Rows of findings: each on a line, with its fix below."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.ui.layout import Data, Part, Row

_MARKS = {"fail": "✗", "warning": "!"}
_TONES = {"fail": "red", "warning": "yellow"}


def findings(data: Data) -> Iterable[Part]:
    """Return a row for each finding, or one that says there are none."""
    entries = list(data.get("findings") or ())
    return [_row(entry) for entry in entries] if entries else [Row("findings", "none", "green")]


def _row(entry: Data) -> Row:
    text = "\n→ ".join(filter(None, (str(entry["text"]), entry.get("hint"))))
    return Row(_MARKS.get(entry["level"], "?"), text, _TONES.get(entry["level"], ""))
