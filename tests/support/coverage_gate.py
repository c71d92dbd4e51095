"""Measures what tests cover of the pure modules, and of those that take a Host.

As in: python -m tests.support.coverage_gate [pure|flows]…; exits with 1 below the limits: every
line, every branch of pure modules and 98 of 100 of flows. Pure modules are measured by their own
tests alone, flows by all tests of hosts, which takes longer than make test. coverage itself knows
only one limit.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.house import CHECKOUT, HOST, MODULES, imports
from tests.support.pure_tests import DECISIONS, tests_of_decisions

LINES, BRANCHES = 100, {"pure": 100, "flows": 98}
FLOWS = [path for path in MODULES if HOST in imports(path)]
FAR = ("bench", "sandbox", "faults", "model", "mutants")
_PYTEST = ("pytest", "-q", "-p", "no:cacheprovider", "--cov=mantodeus_ops", "--cov-report=")


def named(paths: list[Path]) -> list[str]:
    """Return files by their path in the checkout."""
    return [str(path.relative_to(CHECKOUT)) for path in paths]


def measured(layer: str) -> tuple[list[str], list[str]]:
    """Return the files of a layer, and what pytest is given to run its tests."""
    if layer == "pure":
        return named(DECISIONS), named(tests_of_decisions())
    if layer == "flows":
        return named(FLOWS), ["tests", *(f"--ignore=tests/{folder}" for folder in FAR)]
    sys.exit(f"{layer!r} is neither pure nor flows")


def judge(layer: str) -> bool:
    """Run the tests of a layer, print what they do not reach; return whether it is enough."""
    files, tests = measured(layer)
    passed = subprocess.run([sys.executable, "-m", *_PYTEST, *tests], check=False).returncode == 0
    coverage, only = (sys.executable, "-m", "coverage"), "--include=" + ",".join(files)
    subprocess.run([*coverage, "report", "-m", "--skip-covered", only], check=False)
    argv = [*coverage, "json", "-q", "-o", "-", only]
    text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return passed and enough(layer, json.loads(text)["totals"])


def enough(layer: str, totals: dict[str, float]) -> bool:
    """Print both shares; return whether they reach the limits."""
    lines, branches = totals["percent_statements_covered"], totals["percent_branches_covered"]
    wanted = BRANCHES[layer]
    print(f"{layer}: lines {lines:.2f} % (of {totals['num_statements']}), wanted {LINES}")
    print(f"{layer}: branches {branches:.2f} % (of {totals['num_branches']}), wanted {wanted}")
    return lines >= LINES and branches >= wanted


def main(layers: list[str]) -> int:
    """Judge each layer; return 1 when one of them is not covered enough."""
    failed = [layer for layer in layers if not judge(layer)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["pure", "flows"]))
