"""`python -m bench`: measures, shows one table, and prints the page that docs/ keeps of it."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox import Sandbox, SandboxError

from . import peers
from .here import about
from .measure import GROUPS, ON_MANY_FILES, measure
from .page import page
from .report import groups
from .samples import BenchError, step_rows
from .table import show
from .taken import Taken
from .world import app_size, settle


def main(argv: list[str]) -> int:
    """Measure and show; return the exit code, which a group that failed changes, no missed bar."""
    options = _options(argv)
    try:
        described, taken = _measured(options)
    except (BenchError, SandboxError) as error:
        _say(f"the measurement failed: {error}")
        return 1
    found, steps = groups(taken), step_rows(taken.steps)
    show(described, found, steps)
    if options.json:
        whole = {"machine": described, "rows": [row.data() for group in found for row in group]}
        whole["steps"] = [row.data() for row in steps]
        options.json.write_text(json.dumps(whole, indent=1) + "\n")
        _say(f"written to {options.json.absolute()}")
    if not (options.only or options.quick):
        sys.stdout.write(page(described, found, steps))
    return 1 if taken.failed else 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of everything (3)")
    late = "begin nothing a second time that would not end within so many minutes (17)"
    parser.add_argument("--minutes", type=float, default=17, help=late)
    parser.add_argument("--quick", action="store_true", help="one round, few dependencies")
    only = "measure this group and no page; may be given again"
    parser.add_argument("--only", action="append", choices=list(GROUPS), default=[], help=only)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result here too")
    options = parser.parse_args(argv)
    if options.rounds < 1:
        parser.error("--rounds takes 1 or more")
    return options


def _measured(options: argparse.Namespace) -> tuple[dict[str, Any], Taken]:
    names = options.only or list(GROUPS)
    rounds = 1 if options.quick else options.rounds
    until = time.monotonic() + options.minutes * 60
    _say("making a sandbox and its first deploys")
    described = {"date": datetime.now(UTC).isoformat(timespec="seconds"), **about()}
    with Sandbox() as box:
        world = settle(box, big=not options.quick and not ON_MANY_FILES.isdisjoint(names))
        described |= {"app": app_size(world), "rounds": f"{rounds}, as far as they fit"}
        if "fleet" in names:
            described["peers"] = peers.versions()
        return described, measure(world, names, rounds, until, _say)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
