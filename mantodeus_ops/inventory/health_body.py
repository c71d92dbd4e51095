"""Validator for health.body, a pattern that a healthy answer matches."""

from __future__ import annotations

import re

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.validators import line


def body_rule(value: object) -> str:
    """Return a regular expression that Node accepts; raise InventoryError otherwise."""
    text = line(value)
    try:
        re.compile(text)
    except re.error as error:
        raise InventoryError(f"must be a regular expression: {error}") from None
    if re.search(r"\(\?(?![:=!]|<[=!])|\\[AZ]", text):
        raise InventoryError("must be a regular expression of JavaScript, without (?…)")
    return text
