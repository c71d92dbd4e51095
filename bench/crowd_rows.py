"""The rows of a task on many hosts: ours beside each of the others."""

from __future__ import annotations

from .samples import Bar, Row
from .taken import Taken, Where

BARRED = (50, 0)  # hosts, milliseconds away
BARS = {
    "pyinfra": Bar(0.6, "ratio", "≤ 0.6"),
    "Ansible raw": Bar(0.2, "ratio", "≤ 1/5"),
    "Ansible shell": Bar(0.2, "ratio", "≤ 1/5"),
}


def crowd_rows(taken: Taken) -> list[list[Row]]:
    """Return the rows, those of one task at one distance together."""
    ours = {what: found for (what, who), found in taken.crowds.items() if who == "ours"}
    return [
        [row for where in found if where[1] == away for row in _beside(taken, what, where)]
        for what, found in ours.items()
        for away in dict.fromkeys(where[1] for where in found)
    ]


def _beside(taken: Taken, what: str, where: Where) -> list[Row]:
    ours = tuple(taken.crowds[what, "ours"][where])
    return [
        Row(_named(what, where, who), "s", ours, tuple(found[where]), _bar(who, where))
        for (task, who), found in taken.crowds.items()
        if task == what and who != "ours" and where in found
    ]


def _named(what: str, where: Where, who: str) -> str:
    count, away = where
    hosts = f"{count} host{'s' if count > 1 else ''}"
    return f"{what}, {hosts}{f' {away} ms away' if away else ''}: {who}"


def _bar(who: str, where: Where) -> Bar | None:
    return BARS.get(who) if where == BARRED else None
