"""Runs `python -m mantodeus_ops …` like `inv …`, in any folder and without a tasks.py."""

from __future__ import annotations

import sys

from invoke.program import Program

from mantodeus_ops.program import namespace
from mantodeus_ops.version import VERSION

# Hints name the program that was typed, which is never this file.
sys.argv[0] = "inv"
Program(namespace=namespace(), name="inv", binary="inv", version=VERSION).run()
