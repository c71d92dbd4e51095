"""Goes through the faults, as in: python -m tests.faults --every 20 --only kill --record FILE.

With --jobs, several sandboxes share the points. What the record has already, of the code of now,
is not tried again; with --missing, nothing is that survived on whichever code.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from argparse import Namespace
from pathlib import Path

from tests.faults.faults import TREE
from tests.faults.soak import KINDS, Known, soak


def main() -> int:
    """Go through the faults that are asked for; return 1 when one was not survived."""
    words = argparse.ArgumentParser(prog="python -m tests.faults")
    words.add_argument("--every", type=int, default=1, help="only each so manieth point")
    words.add_argument("--first", type=int, default=1, help="the first point")
    words.add_argument("--only", nargs="*", default=[*KINDS], choices=[*KINDS])
    words.add_argument("--operation", nargs="*", default=[])
    words.add_argument("--record", type=Path, required=True, help="where each fault is written")
    words.add_argument("--seed", type=int, default=0, help="of the random times")
    words.add_argument("--rounds", type=int, default=1, help="so often, from another point on")
    words.add_argument("--match", default="", help="only points that read so, as an expression")
    words.add_argument("--minutes", type=float, default=600)
    words.add_argument("--jobs", type=int, default=1, help="so many sandboxes at once")
    words.add_argument("--missing", action="store_true", help="not what survived on other code")
    told = words.parse_args()
    until = time.monotonic() + told.minutes * 60
    known = _known(told) if told.record.exists() else set()
    fork = multiprocessing.get_context("fork")
    jobs = [fork.Process(target=_job, args=(one, known, until)) for one in _shares(told)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    return max(abs(job.exitcode or 0) for job in jobs)


def _known(told: Namespace) -> Known:
    """Return the faults of a record that came to strike, and that are not to be tried again."""
    lines = [json.loads(line) for line in told.record.read_text().splitlines()]
    names = ("kind", "operation", "point")
    struck = {(*(one[name] for name in names), one["tree"]) for one in lines if one["struck"]}
    if not told.missing:
        return struck
    newest = {tuple(one[name] for name in names): one for one in lines if one["struck"]}
    return {(*point, TREE) for point, one in newest.items() if one["survived"]}


def _shares(told: Namespace) -> list[Namespace]:
    """Return what each job is to do: of the points that are asked for, each so manieth."""
    firsts = [told.first + number * told.every for number in range(told.jobs)]
    both = [{"first": first, "every": told.every * told.jobs} for first in firsts]
    return [Namespace(**vars(told) | one) for one in both]


def _job(asked: Namespace, known: Known, until: float) -> None:
    lost = 0
    with asked.record.open("a") as record:
        for one in soak(asked, known, until):
            record.write(one.line() + "\n")
            record.flush()
            lost += not one.survived
            shown = one.line() if one.wrong else f"{one.kind} {one.operation} {one.point}"
            print(shown, one.where, one.code, one.seconds, flush=True)  # noqa: T201 - takes hours
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    sys.exit(main())
