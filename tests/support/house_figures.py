"""Measures the house: folders, functions, imports, words and lines, beside what is wanted.

As in: python -m tests.support.house_figures
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from tests.support.house import CHECKOUT, MODULES, PROGRAMS, TASKS, tree
from tests.support.house_words import FORBIDDEN, occurrences, unknown_names
from tests.support.ladder import import_cycles, upward_imports
from tests.support.pure_tests import untested

LONGEST_FILE, LONGEST_FUNCTION, MOST_FILES, MOST_ANY, README_LINES = 250, 40, 20, 1, 150
PYTHON = (*MODULES, *TASKS, CHECKOUT / "tasks.py")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Figure(NamedTuple):
    """What was measured, and the most that it may be, if that is decided."""

    name: str
    value: object
    most: float | None = None

    @property
    def missed(self) -> bool:
        """Return whether it is more than it may be."""
        return self.most is not None and float(str(self.value)) > self.most


def functions() -> Iterator[Function]:
    """Yield every function of the product."""
    for path in PYTHON:
        yield from (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """Return how many lines the body of a function has, without its docstring."""
    first, *rest = function.body
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = rest[0] if text and rest else first
    return (function.end_lineno or start.lineno) - start.lineno + 1


def any_in_signatures() -> list[str]:
    """Return the functions that take or return Any, once for each place."""
    found = []
    for function in functions():
        words = function.args
        given = (*words.posonlyargs, *words.args, *words.kwonlyargs, words.vararg, words.kwarg)
        types = (*(one.annotation for one in given if one), function.returns)
        names = (node for part in types if part for node in ast.walk(part))
        found += [
            function.name for node in names if isinstance(node, ast.Name) and node.id == "Any"
        ]
    return found


def lines_of(paths: list[Path]) -> int:
    """Return how many lines these files have."""
    return sum(len(path.read_text().splitlines()) for path in paths)


def with_suffix(suffix: str) -> list[Path]:
    """Return the programs for hosts in one language."""
    return [path for path in PROGRAMS if path.suffix == suffix]


def figures() -> list[Figure]:
    """Measure everything."""
    return [*of_functions(), *of_files(), *of_words()]


def of_functions() -> list[Figure]:
    """Measure functions and imports."""
    lengths = [body_lines(function) for function in functions()]
    return [
        Figure("functions", len(lengths)),
        Figure("lines of a function, median", median(lengths), 6),
        Figure("lines of a function, 9 of 10", quantiles(lengths, n=10)[-1], 20),
        Figure("lines of a function, longest", max(lengths), LONGEST_FUNCTION),
        Figure("functions without a return type", sum(not one.returns for one in functions()), 0),
        Figure("Any in signatures", len(any_in_signatures()), MOST_ANY),
        Figure("import cycles", len(import_cycles()), 0),
        Figure("imports up the ladder", len(upward_imports()), 0),
    ]


def of_files() -> list[Figure]:
    """Measure files and folders."""
    files = [*PYTHON, *PROGRAMS]
    folders = Counter(path.parent for path in files)
    longest = max(len(path.read_text().splitlines()) for path in files)
    return [
        Figure("files", len(files)),
        Figure("files in one folder, most", max(folders.values()), MOST_FILES),
        Figure("lines of a file, longest", longest, LONGEST_FILE),
        Figure("file names with an unknown word", len(unknown_names()), 0),
        Figure("modules without tests at their path", len(untested()), 0),
        Figure("lines of Python", lines_of([*PYTHON])),
        Figure("lines of JavaScript", lines_of(with_suffix(".js"))),
        Figure("lines of shell", lines_of(with_suffix(".sh"))),
        Figure("lines of README.md", lines_of([CHECKOUT / "README.md"]), README_LINES),
    ]


def of_words() -> list[Figure]:
    """Measure words; names in JavaScript that are not declared are found by ESLint."""
    return [
        Figure(f'"{word}"', len(found), 0) for word in FORBIDDEN if (found := occurrences(word))
    ]


def main() -> None:
    """Print a line for each figure, and mark what is not as it should be."""
    for figure in figures():
        wanted = "" if figure.most is None else f"at most {figure.most:g}"
        mark = "  <-- more" if figure.missed else ""
        print(f"{figure.name:34} {figure.value!s:>8}  {wanted}{mark}".rstrip())
    print("undeclared names in JavaScript: npm run lint in tools/ prints them (no-undef)")


if __name__ == "__main__":
    main()
