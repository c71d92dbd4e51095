"""The types of JSON: what goes out in a row, and what comes in before it is read."""

from __future__ import annotations

JsonObject = dict[str, object]
