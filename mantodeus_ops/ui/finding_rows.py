"""How findings look: each on a line, with what mends it below, as in a checklist."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.ui.layout import Data, Part, Row

_MARKS = {"fail": "✗", "warning": "!"}
_TONES = {"fail": "red", "warning": "yellow"}


def findings(data: Data) -> Iterable[Part]:
    """Return each finding of the data, or that there is none."""
    found = list(data.get("findings") or ())
    return [_row(one) for one in found] if found else [Row("findings", "none", "green")]


def _row(one: Data) -> Row:
    text = "\n→ ".join(filter(None, (str(one["text"]), one.get("hint"))))
    return Row(_MARKS.get(one["level"], "?"), text, _TONES.get(one["level"], ""))
