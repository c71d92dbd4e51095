"""Many people at once: every pair of tasks, and two to sixteen clients that all want the lock."""

from __future__ import annotations

import time
from dataclasses import replace

from tests.faults.faults import Strike, Struck, Tried, ended
from tests.faults.operations import OPERATIONS, Task
from tests.faults.place import Place
from tests.support.fake_host import host_at
from tests.support.node_snippets import with_snippet
from tests.transaction.test_lock import ROUNDS

HELD, DONE = 4, 0
GONE = "there is no rollback to undo"  # another run was there first
WRITTEN = "are not part of the live version"  # a backup beside it wrote into dist: a deploy refuses
TAKERS, RACE_SECONDS = 8, 900


def race(place: Place, heat: int, rounds: int) -> Tried:
    """Let TAKERS processes take and give back a lock so often in all; count the double holds."""
    folder = place.box.root / "race"
    folder.mkdir(exist_ok=True)
    program, told = folder / "rounds.cjs", folder / "params"
    program.write_text(
        with_snippet("transaction/lock", ROUNDS.replace("< 50", f"< {rounds // TAKERS}"))
    )
    told.write_bytes(host_at(folder).params({}))
    text = f"exec node {program} 3<{told}"
    running = [place.spawn(["bash", "-c", text], "") for _ in range(TAKERS)]
    try:
        said = [one.communicate(timeout=RACE_SECONDS)[0] for one in running]
    finally:
        for one in running:
            one.kill()
    wrong = tuple(text for text in said if '"doubles":0' not in text)
    point = f"{TAKERS} takers, {rounds // TAKERS * TAKERS} rounds, heat {heat}"
    return Tried(
        "lock race",
        "lock",
        point,
        struck=True,
        survived=not wrong,
        seconds=0.0,
        again="",
        wrong=wrong,
    )


def beside(other: str, pause: float) -> Strike:
    """Return what begins another task so much later: one of them wins, or both do in turn."""

    def strike(place: Place, task: Task) -> Struck:
        second = OPERATIONS[other](place)
        place.allow(task, second)
        commands = [(place.inv(*one.words), one.stdin) for one in (task, second)]
        return together(place, commands, pause)

    return strike


def crowd(count: int, *, wait: bool) -> Strike:
    """Return what lets so many people run tasks at once; those who wait all come to their turn."""

    def strike(place: Place, task: Task) -> Struck:
        names = [*OPERATIONS] * 4
        tasks = [task, *(OPERATIONS[name](place) for name in names[: count - 1])]
        place.allow(*tasks)
        waits = ("--wait", "150") if wait else ()
        return together(place, [(place.inv(*one.words, *waits), one.stdin) for one in tasks], 0.0)

    return strike


def together(place: Place, commands: list[tuple[list[str], str]], pause: float) -> Struck:
    """Run commands at the same time; each must end well, or with somebody else's lock."""
    running = []
    for argv, stdin in commands:
        running.append(place.spawn(argv, stdin))
        time.sleep(pause)
    said = ["".join(one.communicate(timeout=300)) for one in running]
    codes = [one.returncode for one in running]
    strange = [
        text
        for code, text in zip(codes, said, strict=True)
        if code not in {HELD, DONE} and GONE not in text and WRITTEN not in text
    ]
    told = f"codes {codes}"
    refused = any(WRITTEN in text for text in said)  # the others may have met its lock
    if strange or not (refused or DONE in codes):
        return replace(ended(max(codes), "\n".join(strange), where=told), bad=True)
    return ended(max(codes), "", where=told)
