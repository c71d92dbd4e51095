"""Writes docs/reliability.md out of records, as in: python -m tests.faults.report RECORD."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults.found import ALARMS, FOUND, OPEN
from tests.faults.soak import TURNS

Line = dict[str, Any]
KILLS = ("kill of everything", "kill of one process", "kill of the host's side", "client killed")
QUIET = 8.0  # a load that the harness itself causes
HEAD = """\
# Reliability

Written by `python -m tests.faults.report` from the record of a run; do not edit. A fault
strikes an operation in a real sandbox (sshd, PM2, npm, git). Then the next command runs,
without help, and the same checks follow: the app answers as one complete version, `.env` is the
old one or the new one, every listed backup can be restored, and no process, lock or file is
left behind. A fault is survived if that command succeeds and no check fails.

`make soak` tries all faults, `make test-all` one of every kind.
"""
POINTS = """
A point is a call, of any program that an operation starts on either side, that changes the disk
below the sandbox. The first run was killed at its first point, the second at its second, and so
on, until several runs finished before reaching theirs. The number varies between runs; the
newest kill at each point counts.
"""
KINDS = """
kill of everything: `kill -9` of the command and all that it started, at every point (below)
kill of one process: `kill -9` of the process that was about to write, as when memory is exhausted
kill of the host's side: `kill -9` of all that runs on the host, while the client goes on
disk full from here on: that call and every later one that needs space fails with ENOSPC
quota used up from here on: the same, with EDQUOT
one disk error: that call fails with EIO
line cut, line black-holed, client killed: at a random time, over SSH
line cut again and again: each connection of the client is cut within four seconds, to the end
client gone without a word: it is killed together with its network; the host is not notified
client asleep: it is stopped until another run has the lock, then wakes with its connection intact
program that misbehaves: one call of git, npm, pm2, node and others sleeps, fails, dies or is noisy
hostile login: umask, locale, noise, aliases and variables in `.bashrc`, over SSH
clock: the host's clock is off by a day or ten years, or stands still
clock that steps: it is set back, ahead, or back and forth while they run
limit: of processes, memory or open files, which hits what runs on the host at that moment
task beside task, many people: several tasks on the same app at once
lock race: eight processes take and release the lock, and count double holds
"""


def read(paths: Iterable[Path]) -> list[Line]:
    """Return the lines of these records."""
    lines = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    return [{"tree": "unknown", "where": "", "load": 0.0, **line} for line in lines]


def report(lines: list[Line], now: datetime) -> str:
    """Return the text of the report."""
    struck = [one for one in lines if one["struck"]]
    parts = [HEAD, _summary(struck, len(lines) - len(struck), now), _table(struck)]
    parts += [_recovery(struck), _points(lines), _lost(struck), _found()]
    return "\n".join(parts)


def _summary(struck: list[Line], missed: int, now: datetime) -> str:
    survived = sum(one["survived"] for one in struck)
    trees = Counter(one["tree"] for one in struck)
    tried = ", ".join(f"{count} on `{tree}`" for tree, count in trees.items())
    return (
        f"Run of {now:%Y-%m-%d}: **{len(struck)} faults, {survived} survived**"
        f" ({missed} more were requested and never struck; they are not counted).\n"
        f"By the digest of the code at the time, the newest last: {tried}.\n"
    )


def _table(struck: list[Line]) -> str:
    groups: dict[str, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))
    for one in struck:
        groups[one["kind"]][one["operation"]].append(one)
    names = sorted({one["operation"] for one in struck})
    rows = ["## Survived of tried", "", f"| fault | {' | '.join(names)} |"]
    rows += [f"|---|{'---|' * len(names)}"]
    for kind, found in groups.items():
        cells = [_cell(found[name]) for name in names]
        rows.append(f"| {kind} | {' | '.join(cells)} |")
    rows += ["", *(f"- {line}" for line in KINDS.strip().splitlines()), ""]
    named = [name for line in KINDS.strip().splitlines() for name in _names(line)]
    if missing := [name for name in named if not any(kind.startswith(name) for kind in groups)]:
        rows += [f"Not in this run: {', '.join(missing)}.", ""]
    return "\n".join(rows)


def _names(line: str) -> list[str]:
    return line.partition(":")[0].split(", ")


def _cell(lines: list[Line]) -> str:
    return f"{sum(one['survived'] for one in lines)} of {len(lines)}" if lines else ""


def _recovery(struck: list[Line]) -> str:
    rows = ["## Recovery after a kill", ""]
    rows += ["Seconds from the kill to the end of the next command, without a person. The load"]
    rows += ["of the machine, which has two cores, shows what else ran.", ""]
    rows += ["| fault | next command | load | faults | median | maximum |"]
    rows += ["|---|---|---|---|---|---|"]
    for kind in KILLS:
        for again in sorted({one["again"] for one in struck}):
            these = [one for one in _of(struck, kind, again) if one["survived"]]
            for load, some in _by_load(these).items():
                taken = [one["seconds"] for one in some]
                times = f"{len(some)} | {median(taken):.1f} | {max(taken):.1f}"
                rows.append(f"| {kind} | `{again}` | {load} | {times} |")
    rows += ["", "A `deploy` as the next command installs, builds and starts a version anew."]
    return "\n".join([*rows, ""])


def _by_load(lines: list[Line]) -> dict[str, list[Line]]:
    groups = {f"below {QUIET:.0f}": [one for one in lines if 0 < one["load"] < QUIET]}
    groups |= {"above, or unknown": [one for one in lines if not 0 < one["load"] < QUIET]}
    return {load: some for load, some in groups.items() if some}


def _of(struck: list[Line], kind: str, again: str) -> Iterator[Line]:
    return (one for one in struck if (one["kind"], one["again"]) == (kind, again))


def _points(lines: list[Line]) -> str:
    """Return how many points an operation has, and what came of a kill of everything at each."""
    rows = ["## Every point of an operation", "", *POINTS.strip().splitlines(), ""]
    rows += ["| operation | points | struck | survived | not struck |", "|---|---|---|---|---|"]
    struck = [one for one in lines if one["kind"] == KILLS[0] and one["struck"]]
    for name in sorted({one["operation"] for one in struck}):
        newest = {int(one["point"]): one for one in struck if one["operation"] == name}
        survived = sum(one["survived"] for one in newest.values())
        missing = _ranges(sorted({*range(1, max(newest))} - {*newest}))
        told = f"{max(newest)}{_end(lines, name, max(newest))} | {len(newest)} | {survived}"
        rows.append(f"| {name} | {told} | {missing or 'none'} |")
    return "\n".join([*rows, ""])


def _ranges(numbers: list[int]) -> str:
    """Return numbers in their order as text, those beside each other as from and to."""
    beside = groupby(enumerate(numbers), lambda one: one[1] - one[0])
    found = [[number for _, number in group] for _, group in beside]
    return ", ".join(f"{one[0]} to {one[-1]}" if one[1:] else str(one[0]) for one in found)


def _end(lines: list[Line], name: str, last: int) -> str:
    """Return nothing where some runs ended before the point after the last, else a word for it."""
    kill = (one for one in lines if (one["kind"], one["operation"]) == (KILLS[0], name))
    beyond = Counter(one["point"] for one in kill if not one["struck"] and int(one["point"]) > last)
    return "" if max(beyond.values(), default=0) >= TURNS else " at least"


def _lost(struck: list[Line]) -> str:
    lost = [one for one in struck if not one["survived"]]
    rows = ["## Not survived", ""]
    for title, newest in (("On the newest code", True), ("On earlier code", False)):
        these = [one for one in lost if (one["tree"] == struck[-1]["tree"]) is newest]
        rows += [f"{title}:{'' if these else ' none.'}"]
        rows += ["", *(f"- {_name(one)}: {_why(one)}" for one in these), ""]
    return "\n".join(rows)


def _name(one: Line) -> str:
    return ", ".join(one[key] for key in ("kind", "operation", "point", "where") if one[key])


def _why(one: Line) -> str:
    said = re.sub(r"/[^\s'\"]*/(boxes/\w+|mantodeus-ops/venv)/?", "", str(one["wrong"][0]))
    return " ".join(said.split())[:300]


def _found() -> str:
    rows = ["## Open", "", *(f"- {what}" for what in OPEN or ("none known",)), ""]
    rows += ["## Found, fixed, and held by a test since", ""]
    rows += [f"- {what}: `{test}`" for what, test in FOUND]
    rows += ["", "False alarms; the harness was fixed:", ""]
    return "\n".join([*rows, *(f"- {what}" for what in ALARMS), ""])


if __name__ == "__main__":
    print(report(read(map(Path, sys.argv[1:])), datetime.now(UTC)))  # noqa: T201 - its result
