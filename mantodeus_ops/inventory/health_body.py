"""The rule that the body of a healthy answer keeps."""

from __future__ import annotations

import re

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.validators import line


def body_rule(value: object) -> str:
    """Return a regular expression that Node can use; raise InventoryError for one that is none."""
    text = line(value)
    try:
        re.compile(text)
    except re.error as error:
        raise InventoryError(f"must be a regular expression: {error}") from None
    if re.search(r"\(\?(?![:=!]|<[=!])|\\[AZ]", text):
        raise InventoryError("must be a regular expression as JavaScript reads it, without (?…)")
    return text
