"""Judges what the last measured run covered: every line, and 98 of 100 branches.

As in: python -m tests.support.coverage_gate; exits with 1 when it is less. coverage itself knows
only one limit.
"""

from __future__ import annotations

import json
import subprocess
import sys

LINES, BRANCHES = 100, 98


def main() -> int:
    """Print both shares; return 1 when one of them is too small."""
    argv = [sys.executable, "-m", "coverage", "json", "-q", "-o", "-"]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    found = json.loads(told)["totals"]
    lines, branches = found["percent_statements_covered"], found["percent_branches_covered"]
    print(f"lines {lines:.2f} % (of {found['num_statements']}), wanted {LINES}")
    print(f"branches {branches:.2f} % (of {found['num_branches']}), wanted {BRANCHES}")
    return 0 if lines >= LINES and branches >= BRANCHES else 1


if __name__ == "__main__":
    sys.exit(main())
