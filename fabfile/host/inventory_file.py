"""Finds and reads the inventory file."""

from __future__ import annotations

import os
from pathlib import Path

from ..pure.errors import InventoryError
from ..pure.inventory import Inventory, parse_inventory

_NAME = Path("inventory") / "hosts.toml"
_BESIDE_THE_CODE = Path(__file__).resolve().parents[2] / _NAME


def inventory_path() -> Path:
    """Return the file that OPS_INVENTORY names, the nearest one here or above, or the code's own.

    Raise InventoryError for one that another account put in our way: its hooks are commands.
    """
    if named := os.environ.get("OPS_INVENTORY"):
        return Path(named).expanduser()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (path := folder / _NAME).is_file():
            return _ours(path)
    return _BESIDE_THE_CODE if _BESIDE_THE_CODE.is_file() else here / _NAME


def load_inventory() -> Inventory:
    """Return the inventory; raise InventoryError."""
    path = inventory_path()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _unread(path, error) from None
    return parse_inventory(text, str(path))


def _unread(path: Path, error: Exception) -> InventoryError:
    if isinstance(error, FileNotFoundError) and "OPS_INVENTORY" not in os.environ:
        message = f"no inventory here or above: {path} does not exist"
        return InventoryError(message, "mantodeus-ops init  # or go to the folder that has one")
    reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
    return InventoryError(f"{path}: {reason}", "OPS_INVENTORY=/path/to/hosts.toml inv status")


def _ours(path: Path) -> Path:
    if path.stat().st_uid not in {os.geteuid(), 0}:
        message = f"{path} belongs to another account, and what it names would be run as you"
        raise InventoryError(message, f"OPS_INVENTORY={path} inv status  # if you trust it")
    return path
