"""`python -m mantodeus_ops …` is `inv …`, wherever it is typed: no tasks.py is looked for."""

from __future__ import annotations

import sys

from invoke.program import Program

from mantodeus_ops.program import namespace
from mantodeus_ops.version import VERSION

# Hints name the program as it is typed, and this file is not typed.
sys.argv[0] = "inv"
Program(namespace=namespace(), name="inv", binary="inv", version=VERSION).run()
