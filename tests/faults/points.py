"""Every point of an operation at which something is written or a program begins: strike there."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace

from tests.faults.faults import Strike, Struck, ended
from tests.faults.operations import Task
from tests.faults.place import Place


@dataclass(frozen=True, slots=True)
class Point:
    """The so manieth call of those that match (program, call and path), and what befalls it."""

    number: int
    how: str = "kill"  # or one, host, or the name of an error
    match: str = ""
    lasting: bool = False  # an error, for every later call that takes room too


def traced(place: Place, task: Task, point: Point) -> int:
    """Run an operation under the tracer; return its exit code."""
    told = {"point": point.number, "how": point.how, "match": point.match}
    told |= {"below": str(place.box.root), "log": str(place.log), "lasting": point.lasting}
    argv = [sys.executable, "-m", "tests.faults.tracer", json.dumps(told)]
    place.log.unlink(missing_ok=True)
    done = place.run([*argv, *place.inv(*task.words)], task.stdin)
    place.said = done.stdout + done.stderr
    return done.returncode


def at_point(point: Point) -> Strike:
    """Return what strikes at this point."""

    def strike(place: Place, task: Task) -> Struck:
        code = traced(place, task, point)
        text = place.log.read_text() if place.log.exists() else ""
        if not text:
            # One that is left alone has to end well, whatever was killed before it.
            return replace(ended(code, place.said, struck=code != 0), bad=code != 0)
        about = json.loads(text)
        where = about["place"].replace(f"{place.box.root}/", "")
        at = f"{about['program']}: {about['call']} {where}"
        return ended(code, place.said, where=at, at=about["at"])

    return strike
