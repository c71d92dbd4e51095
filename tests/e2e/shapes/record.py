"""What the last runs of the shapes saw: kept for the account, and in `seen.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.shelf import shelf
from tests.e2e.shapes.shape import Shape

SEEN = Path(__file__).with_name("seen.json")


def note(shape: Shape, seconds: Mapping[str, float]) -> None:
    """Keep what a run of a shape saw."""
    folder = shelf() / "shapes"
    folder.mkdir(exist_ok=True)
    found = {"pins": shape.pins(), "seconds": dict(seconds)}
    (folder / f"{shape.name}.json").write_text(json.dumps(found))


def seen() -> dict[str, Any]:
    """Return what is kept in the checkout, by the name of the shape."""
    kept: dict[str, Any] = json.loads(SEEN.read_text()) if SEEN.exists() else {}
    return kept


def gathered() -> dict[str, Any]:
    """Return that, and what this account has seen since."""
    new = (shelf() / "shapes").glob("*.json")
    return seen() | {file.stem: json.loads(file.read_text()) for file in new}
