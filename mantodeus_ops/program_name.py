"""The name that this program was called by, for the commands that hints are made of."""

from __future__ import annotations

import re
import sys
from pathlib import Path

_OWN = "mantodeus-ops"  # the wheel's program, which is fab with -H and inv without


def as_called(command: str) -> str:
    """Return a command of `fab` or `inv` as a person types it who calls us by our own name."""
    own = Path(sys.argv[0]).name == _OWN
    return re.sub(r"^(?:fab|inv)(?= |$)", _OWN, command) if own else command
