"""Clocks that jump, go back or stand still for every node program of the host."""

from __future__ import annotations

from tests.faults.faults import Strike, Struck, ended
from tests.faults.operations import Task
from tests.faults.place import Place

DAY = 86400
CLOCKS = {
    "a day ahead": DAY,
    "a day back": -DAY,
    "ten years ahead": 3650 * DAY,
    "ten years back": -3650 * DAY,
    "an hour back": -3600,
    "frozen": 0,
}
# The clock of node, for the programs of the tool and not for the app or PM2's daemon.
TEXT = """
const [real, began] = [Date.now, Date.now()];
const said = () => %s;
Date.now = said;
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) { given.length ? super(...given) : super(said()); }
};
globalThis.Date.now = said;
"""


def clock(name: str) -> Strike:
    """Return what lets the host's programs live by another clock."""
    shift = CLOCKS[name]

    def strike(place: Place, task: Task) -> Struck:
        file = place.box.root / "clock.cjs"
        file.write_text(TEXT % (f"real() + {shift * 1000}" if shift else "began"))
        with place.world.shims(node=f'exec "$REAL" --require {file} "$@"'):
            done = place.run(place.inv(*task.words), task.stdin)
        return ended(done.returncode, done.stdout + done.stderr)

    return strike
