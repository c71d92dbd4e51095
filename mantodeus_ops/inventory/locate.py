"""Finds and reads the inventory file."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.parse import Inventory, parse_inventory
from mantodeus_ops.trusted_files import NAMED, Trust, spelled_out

_MOST_BYTES = 4_000_000
_NAME = Path("inventory") / "hosts.toml"
_BESIDE_THE_CODE = Path(__file__).resolve().parents[2] / _NAME


def inventory_path() -> Path:
    """Return the named file, or the nearest one here or above, or the one of the checkout."""
    if named := os.environ.get(NAMED):
        return spelled_out(named)
    current = Path.cwd()
    for folder in (current, *current.parents):
        if (path := folder / _NAME).is_file():
            return path
    return _BESIDE_THE_CODE if _BESIDE_THE_CODE.is_file() else current / _NAME


def load_inventory() -> Inventory:
    """Return the inventory; raise InventoryError.

    A file that another account can change is refused: its hooks are commands.
    """
    path = inventory_path()
    lifted = f"{NAMED}={shlex.quote(str(path))} inv status  # if you trust that file"
    try:
        text = Trust(InventoryError, lifted, most=_MOST_BYTES).text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise _unread(path, error) from None
    return parse_inventory(text, str(path))


def _unread(path: Path, error: Exception) -> InventoryError:
    if isinstance(error, FileNotFoundError) and NAMED not in os.environ:
        message = f"no inventory here or above: {path} does not exist"
        return InventoryError(message, "mantodeus-ops init  # or go to the folder that has one")
    reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
    return InventoryError(f"{path}: {reason}", f"{NAMED}=/path/to/hosts.toml inv status")
