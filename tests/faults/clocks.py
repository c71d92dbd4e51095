"""Clocks that jump, go back, stand still, or are set in the middle, for the host's programs."""

from __future__ import annotations

import json
import threading

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
# Each step is made so many seconds after the one before.
STEPS: dict[str, tuple[int, ...]] = {
    "two hours back": (-7200,),
    "a year back": (-365 * DAY,),
    "a year ahead": (365 * DAY,),
    "an hour back and forth": (-3600, 0, 3600, 0, -3600, 0),
}
BETWEEN = 0.7
MOMENTS = (0.5, 1.2, 2.0, 3.0, 4.5)
# The clock of node, for the programs of the tool and not for the app or PM2's daemon.
TEXT = """
const [real, began] = [Date.now, Date.now()];
const { readFileSync } = require('fs');
// A file says by how much a running program is off; it is read again every few milliseconds.
let [shift, looked] = [0, -1];
const stepped = (file) => {
  const at = Math.floor(process.uptime() * 50);
  if (at !== looked) shift = Number(readFileSync(file, 'utf8')) || 0;
  looked = at;
  return shift;
};
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


def stepping(name: str, moment: float) -> Strike:
    """Return what sets the clock of the host's programs while they run, after so many seconds."""

    def strike(place: Place, task: Task) -> Struck:
        file, steps = place.box.root / "clock.cjs", place.box.root / "clock.shift"
        over, made = threading.Event(), list[int]()
        steps.write_text("0")
        file.write_text(TEXT % f"real() + stepped({json.dumps(str(steps))})")

        def step() -> None:
            for shift in STEPS[name]:
                if over.wait(BETWEEN if made else moment):
                    return
                made.append(shift)
                new = steps.with_suffix(".new")
                new.write_text(str(shift * 1000))
                new.replace(steps)

        other = threading.Thread(target=step)
        with place.world.shims(node=f'exec "$REAL" --require {file} "$@"'):
            other.start()
            try:
                done = place.run(place.inv(*task.words), task.stdin)
            finally:
                over.set()
                other.join()
        return ended(done.returncode, done.stdout + done.stderr, struck=bool(made))

    return strike
