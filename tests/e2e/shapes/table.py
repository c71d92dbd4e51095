"""Writes docs/apps.md: the recipes, and a table of what the last run of each shape saw.

`make apps` runs this where the shapes were run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.commands import CHECKOUT
from tests.e2e.shapes.catalogue import SHAPES
from tests.e2e.shapes.recipes import recipe
from tests.e2e.shapes.record import SEEN, gathered, seen
from tests.e2e.shapes.shape import Shape

PAGE = CHECKOUT / "docs" / "apps.md"
HEAD = """\
# Apps

<!-- Written by `make apps`; do not edit. -->

The shortest inventory for each kind of app. Each recipe was run with the real packages on two
hosts: set up, deployed, changed, broken, rolled back twice, undone, and reverted because the second
host failed; the [table](#what-was-seen) has the times. [inventory.md](inventory.md) explains every
key. For an app that you have a checkout of, this proposes the entry:

    mantodeus-ops init --detect ~/code/my-app

What install and build make is found, wherever it lies: `dist`, `.next` and `.output` need no key.
Each app below takes its port from `PORT`, which is in `.env`; node reads that file with
`--env-file=.env`. The boot test gives the new version another port.

"""
TABLE = """\
## What was seen

Seconds, on a machine of two cores that did other work, too. *Setup* is the first deploy to both
hosts, one after the other; *change* a deploy to one of them; *revert* a deploy to both that takes
the first one back because the second failed. A broken release was refused before the live app was
touched, or was live for a moment and reverted.

| app | packages | setup | change | broken release | rollback | undo | revert |
|---|---|---|---|---|---|---|---|
"""
REFUSED = {1: "refused", 5: "reverted"}
SHOWN_PINS = 3


def page(found: Mapping[str, Any]) -> str:
    """Return docs/apps.md."""
    recipes = "\n".join(recipe(shape) for shape in SHAPES)
    rows = [row(shape, found[shape.name]["seconds"]) for shape in SHAPES if shape.name in found]
    return f"{HEAD}{recipes}\n{TABLE}{''.join(rows)}"


def row(shape: Shape, seconds: Mapping[str, float]) -> str:
    """Return the row of a shape."""
    pins = ", ".join(shape.pins()[:SHOWN_PINS]) or f"those of {shape.manager}"
    broken = f"{REFUSED[shape.code]}, {seconds['broken']:.0f}"
    times = [f"{seconds[step]:.0f}" for step in ("setup", "change", "rollback", "undo", "revert")]
    cells = [shape.title, pins, *times[:2], broken, *times[2:]]
    return f"| {' | '.join(cells)} |\n"


def main() -> None:
    """Write the page, and what it is made from."""
    found = gathered()
    kept = {shape.name: found[shape.name] for shape in SHAPES if shape.name in found}
    SEEN.write_text(json.dumps(kept, indent=1) + "\n")
    PAGE.write_text(page(seen()))


if __name__ == "__main__":
    main()
