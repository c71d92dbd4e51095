"""Commands to type, out of hints."""

from __future__ import annotations

import re

# `ssh` alone is the program, `ssh.check` a task.
_TASK = re.compile(
    r"(?:(?:deploy|backup|env|monitor|webhook)(?:\.[a-z]+)?|ssh\.[a-z]+"
    r"|status|health|logs|check|restart|rollback)(?![\w./-])"
)


def typed_hint(hint: str, door: str) -> str:
    """Return the hint as a person types it: one that begins with a task gets its door in front."""
    return f"{door} {hint}" if _TASK.match(hint) else hint
