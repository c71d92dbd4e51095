"""`python -m bench`: measures, prints one table of ratios, and writes it as JSON if asked."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox import Sandbox, SandboxError

from .here import about
from .measure import measure
from .report import groups
from .samples import BenchError, step_rows
from .table import show
from .taken import Taken
from .world import app_size, settle


def main(argv: list[str]) -> int:
    """Measure and show; return the exit code, which no missed bar changes."""
    options = _options(argv)
    try:
        described, taken = _measured(options)
    except (BenchError, SandboxError) as error:
        print(f"the measurement failed: {error}", file=sys.stderr)
        return 1
    found, steps = groups(taken), step_rows(taken.steps)
    show(described, found, steps)
    if options.json:
        whole = {"machine": described, "rows": [row.data() for group in found for row in group]}
        whole["steps"] = [row.data() for row in steps]
        options.json.write_text(json.dumps(whole, indent=1) + "\n")
        _say(f"written to {options.json.absolute()}")
    return 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of everything (3)")
    parser.add_argument("--quick", action="store_true", help="one round, few dependencies")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result here too")
    options = parser.parse_args(argv)
    if options.rounds < 1:
        parser.error("--rounds takes 1 or more")
    return options


def _measured(options: argparse.Namespace) -> tuple[dict[str, Any], Taken]:
    rounds = 1 if options.quick else options.rounds
    _say("making a sandbox and its first deploys")
    described = {"date": datetime.now(UTC).isoformat(timespec="seconds"), **about()}
    with Sandbox() as box:
        world = settle(box, big=not options.quick)
        described |= {"app": app_size(world), "rounds": str(rounds)}
        return described, measure(world, rounds, _say)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
