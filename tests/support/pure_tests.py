"""Which files of tests belong to pure modules: they import no others and start no program.

As in: pytest $(python -m tests.support.pure_tests); no account and no host is needed.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

from tests.support.house import (
    BY_NAME,
    CHECKOUT,
    HOUSE,
    MODULES,
    PROGRAMS,
    dotted,
    imports,
    is_pure,
    outside,
)

TESTS = CHECKOUT / "tests"
FILES = sorted(TESTS.rglob("test_*.py"))
# What shows and what listens is tried on terminals and sockets; the others by tables alone.
_SHOWN = re.compile(r"ui/|webhook/receiver/|.*views?\.py$|.*__init__\.py$")
DECISIONS = [
    path
    for path in MODULES
    if is_pure(path) and not _SHOWN.match(path.relative_to(HOUSE).as_posix())
]
_SUPPORT = {dotted(path): path for path in (TESTS / "support").glob("*.py")}
_STARTS = {"subprocess", "socket", "pty"}
_SLOW = {"e2e", "faults", "model", "bench", "sandbox"}
_ROOTS = {"mantodeus_ops", "fabfile", "tests", "sandbox", "bench"}


def _by_folder() -> dict[Path, dict[str, Path]]:
    found: dict[Path, dict[str, Path]] = {}
    for path in (*PROGRAMS, *MODULES):  # of twins in two languages the one in Python
        folder = Path(*(part for part in path.parent.relative_to(HOUSE).parts if part != "scripts"))
        found.setdefault(folder, {})[path.stem.strip("_")] = path
    return found


_BY_FOLDER = _by_folder()


@cache
def is_pure_test(path: Path) -> bool:
    """Return whether a file of tests, or of their support, needs nothing but Python."""
    of_checkout = any(name.startswith("tests.support.house.") for name in imports(path))
    if of_checkout or outside(path) & _STARTS:
        return False
    return all(_is_pure_name(name) for name in imports(path) if name.partition(".")[0] in _ROOTS)


def _is_pure_name(name: str) -> bool:
    for module in (name, name.rpartition(".")[0]):
        if module in BY_NAME:
            return bool(is_pure(BY_NAME[module]))
        if module in _SUPPORT:
            return is_pure_test(_SUPPORT[module])
    return False


def subject(test: Path) -> Path | None:
    """Return the module or program that a file of tests is named after: the longest such name."""
    beside = _BY_FOLDER.get(test.parent.relative_to(TESTS), {})
    words = test.stem.removeprefix("test_").split("_")
    names = ("_".join(words[:count]) for count in range(len(words), 0, -1))
    return next((beside[name] for name in names if name in beside), None)


def tests_of(module: Path) -> list[Path]:
    """Return the files of tests that stand where the path of a module says."""
    return [test for test in FILES if subject(test) == module]


def untested() -> list[Path]:
    """Return the modules with functions whose path has no tests."""
    found = {subject(test) for test in FILES}
    return [path for path in MODULES if "def " in path.read_text() and path not in found]


def pure_tests() -> list[Path]:
    """Return every file of tests that needs nothing but Python."""
    named = [path for path in FILES if path.relative_to(TESTS).parts[0] not in _SLOW]
    return [path for path in named if is_pure_test(path)]


def tests_of_decisions() -> list[Path]:
    """Return these, and those of a decision that start a program to compare with."""
    return sorted({*pure_tests(), *(test for test in FILES if subject(test) in DECISIONS)})


if __name__ == "__main__":
    sys.stdout.writelines(f"{path.relative_to(CHECKOUT)}\n" for path in pure_tests())
