"""Goes through the faults, as in: python -m tests.faults --every 20 --only kill --record FILE."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.faults.soak import KINDS, soak


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
    told = words.parse_args()
    until = time.monotonic() + told.minutes * 60
    lost = 0
    with told.record.open("a") as record:
        for one in soak(told, until):
            record.write(one.line() + "\n")
            record.flush()
            lost += not one.survived
            shown = one.line() if one.wrong else f"{one.kind} {one.operation} {one.point}"
            print(shown, one.code, one.seconds, flush=True)  # noqa: T201 - a run takes hours
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
