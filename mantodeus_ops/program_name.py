"""Rewrites commands in hints to the program name that the user typed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_OWN = "mantodeus-ops"  # the wheel's program: fab with -H, inv without


def as_called(command: str) -> str:
    """Return a `fab` or `inv` command, as a mantodeus-ops command when that was typed."""
    own = Path(sys.argv[0]).name == _OWN
    return re.sub(r"^(?:fab|inv)(?= |$)", _OWN, command) if own else command
