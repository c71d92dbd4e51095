"""Turns hints into commands to type."""

from __future__ import annotations

import re

# `ssh` alone is the program, `ssh.check` a task.
_TASK = re.compile(
    r"(?:(?:deploy|backup|env|monitor|webhook)(?:\.[a-z]+)?|ssh\.[a-z]+"
    r"|status|health|logs|check|restart|rollback)(?![\w./-])"
)


def typed_hint(hint: str, program: str) -> str:
    """Return the hint as a command to type: a task gets its program (`fab -H …`) in front."""
    return f"{program} {hint}" if _TASK.match(hint) else hint
