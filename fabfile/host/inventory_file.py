"""Finds and reads the inventory file."""

from __future__ import annotations

import os
from pathlib import Path

from ..pure.errors import InventoryError
from ..pure.inventory import Inventory, parse_inventory

_SHIPPED = Path(__file__).resolve().parents[2] / "inventory" / "hosts.toml"


def inventory_path() -> Path:
    """Return the file that OPS_INVENTORY names, or the one beside the code."""
    named = os.environ.get("OPS_INVENTORY")
    return Path(named).expanduser() if named else _SHIPPED


def load_inventory() -> Inventory:
    """Return the inventory; raise InventoryError."""
    path = inventory_path()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InventoryError(
            f"{path}: {reason}", "OPS_INVENTORY=/path/to/hosts.toml inv status"
        ) from None
    return parse_inventory(text, str(path))
