"""`python -m fabfile …` is `inv …`, wherever it is typed: no tasks.py is looked for."""

from __future__ import annotations

import sys

from invoke.program import Program

from . import ns
from .pure.version import VERSION

# Hints name the program as it is typed, and this file is not typed.
sys.argv[0] = "inv"
Program(namespace=ns, name="inv", binary="inv", version=VERSION).run()
