"""The order of the slices, and the imports that break it."""

from __future__ import annotations

from pathlib import Path

from tests.support.house import BY_NAME, HOUSE, MODULES, TASKS, dotted, inside

# A slice imports from those below it and from itself; slices of one line do not know each other.
LADDER = (
    ("program",),
    ("tasks",),
    ("cli",),
    ("fleet",),
    ("views",),
    ("webhook",),
    ("rollback",),
    ("deploy",),
    ("install",),
    ("monitor",),
    ("env",),
    ("backup", "ssh", "notify"),
    ("transaction",),
    ("app",),
    ("git", "pm2", "health"),
    ("remote",),
    ("ui", "redaction", "inventory"),
    ("dotenv",),
    ("kernel",),
    ("text",),
)
RANK = {name: rank for rank, names in enumerate(LADDER) for name in names}


def slice_of(path: Path) -> str:
    """Return the slice that a file belongs to."""
    if path in TASKS:
        return "tasks"
    first, *rest = path.relative_to(HOUSE).parts
    if rest:
        return first
    return {"program": "program", "__main__": "program", "views": "views"}.get(path.stem, "kernel")


def upward_imports() -> set[str]:
    """Return every import of a slice that is not below."""
    return {
        f"{dotted(path)} -> {name}"
        for path in (*MODULES, *TASKS)
        for name in inside(path)
        if (mine := slice_of(path)) != (other := slice_of(BY_NAME[name]))
        and RANK[mine] >= RANK[other]
    }


def import_cycles() -> list[str]:
    """Return every way by which imports lead back to where they began."""
    done, cycles = set[str](), []

    def visit(name: str, trail: list[str]) -> None:
        if name in trail:
            cycles.append(" > ".join([*trail[trail.index(name) :], name]))
        elif name not in done:
            for one in sorted(inside(BY_NAME[name])):
                visit(one, [*trail, name])
            done.add(name)

    for name in BY_NAME:
        visit(name, [])
    return cycles
