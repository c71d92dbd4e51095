"""Plants mistakes in pure modules one by one and counts how many their own tests catch.

    python -m tests.mutants [--sample N] [--seed N] [--only MODULE…]

A mistake is tried in a process of its own, on the tests that ran its function: nothing on the disk
changes. Sentences, types and imports are left alone, as they decide nothing. Why no tool of others:
mutmut leaves out what stands outside of functions, and half of what decides is tables and patterns.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.machinery
import importlib.util
import math
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, ModuleType

import coverage
import hypothesis.strategies  # noqa: F401 - loaded once here and not in every process
import invoke  # noqa: F401 - same
import pytest

from tests.support.coverage_gate import named
from tests.support.house import CHECKOUT, HOUSE, dotted
from tests.support.pure_tests import DECISIONS, tests_of, tests_of_decisions

from .changes import Change, changes

# No plugin and no setting of ours: a process has one file of tests, and begins in no time.
QUIET = ("-o", "addopts=", "--import-mode=importlib", "-x", "-q", "-p", "no:cacheprovider")
SOME = (
    "-m",
    "not slow and not soak",
    "-k",
    "not speed",
)  # a machine that is busy is no mistake that was caught
LOADED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # what was imported before the fork
NOBODY = int(pytest.ExitCode.NO_TESTS_COLLECTED)
SECONDS, BYTES = 60, 2 << 30  # of the processor: what turns for ever is caught

Ran = dict[int, set[str]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module, one mistake in its tree, and the tests that may notice."""

    path: Path
    tree: ast.Module
    change: Change | None
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path.relative_to(CHECKOUT)}:{self.change or 'ready'}"


class Planted(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Finds one module and gives it the code of a changed tree."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(dotted(mutant.path), str(mutant.path))
        self.code = compile(ast.fix_missing_locations(mutant.tree), self.path, "exec")

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return where the module is; None for any other."""
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        """Return the changed code."""
        del fullname
        return self.code


def what_ran() -> dict[Path, Ran]:
    """Return, for each module, which tests ran each of its lines; the tests must pass."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "coverage")
        options = ("-n", "0", "--dist", "no", "-q", "-p", "no:cacheprovider", *SOME)
        measure = ("--cov=mantodeus_ops", "--cov-context=test", "--cov-report=")
        tests = named(tests_of_decisions())
        argv = (sys.executable, "-m", "pytest", *tests, *options, *measure)
        env = {**os.environ, "COVERAGE_FILE": str(data)}
        done = subprocess.run(argv, cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, check=False)
        if done.returncode:
            sys.exit(f"tests fail without any mistake:\n{done.stdout.decode()[-5000:]}")
        found = coverage.CoverageData(str(data))
        found.read()
        return {Path(file): _by_line(found, file) for file in found.measured_files()}


def _by_line(data: coverage.CoverageData, file: str) -> Ran:
    lines = data.contexts_by_lineno(file).items()
    return {line: {name.partition("[")[0].partition("|")[0] for name in ran} for line, ran in lines}


def mutants_of(path: Path, ran: Ran) -> list[Mutant]:
    """Return every mutant of a module."""
    tree = ast.parse(path.read_text())
    return [Mutant(path, tree, one, _tests_of(path, one, ran)) for one in changes(tree)]


def _tests_of(path: Path, change: Change, ran: Ran) -> tuple[str, ...]:
    """Return the tests that ran the function; what is outside of one, all of the module's saw."""
    lines: Sequence[int] = list(ran)
    if change.within:
        lines = range(change.within.body[0].lineno, (change.within.end_lineno or 0) + 1)
    names = {name for line in lines for name in ran.get(line, ())} - {""}
    own = tuple(named(tests_of(path)))
    if not names and not change.within:
        return own
    return tuple(sorted(names, key=lambda name: (not name.startswith(own), name)))


def start(mutant: Mutant) -> int:
    """Start a process that tries a mutant and ends as pytest does; return its pid."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
        if mutant.change:
            mutant.change.make()
        sys.meta_path.insert(0, Planted(mutant))
        code = pytest.main([*QUIET, *SOME, *LOADED, *mutant.tests]) if mutant.tests else NOBODY
    finally:
        os._exit(code)


def untouched(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Return a mutant of each module without its mistake: tests that fail by it prove nothing."""
    firsts = {one.path: one for one in mutants if one.tests}
    return [replace(one, change=None) for one in firsts.values()]


def trial(mutants: Sequence[Mutant], jobs: int, until: float) -> dict[bool, list[Mutant]]:
    """Try mutants, so many at once, until the time is over or Ctrl-C; return caught and missed."""
    waiting, running = list(reversed(mutants)), dict[int, Mutant]()
    ended: dict[bool, list[Mutant]] = {True: [], False: []}
    try:
        while running or (waiting and time.monotonic() < until):
            while waiting and len(running) < jobs and time.monotonic() < until:
                mutant = waiting.pop()
                running[start(mutant)] = mutant
            _end_one(running, ended)
    except KeyboardInterrupt:
        for pid in running:
            os.kill(pid, signal.SIGKILL)
    return ended


def _end_one(running: dict[int, Mutant], ended: dict[bool, list[Mutant]]) -> None:
    pid, status = os.wait()
    mutant = running.pop(pid)
    caught = os.waitstatus_to_exitcode(status) not in {0, NOBODY}
    ended[caught].append(mutant)
    if mutant.change and not caught:
        print("missed", mutant, flush=True)


def _name(path: Path) -> str:
    return str(path.relative_to(HOUSE).with_suffix(""))


def main() -> None:
    """Plant what was asked for, and print the score."""
    words = argparse.ArgumentParser(prog="make mutants")
    words.add_argument("--sample", type=int, help="so many of them, or all")
    words.add_argument("--seed", type=int, default=1, help="which ones, and in which order")
    words.add_argument("--only", nargs="*", default=[], help="modules, as in text/format")
    words.add_argument("--minutes", type=float, default=600)
    words.add_argument("--jobs", type=int, default=os.cpu_count())
    given = words.parse_args()
    ran = what_ran()
    paths = [path for path in DECISIONS if not given.only or _name(path) in given.only]
    every = [mutant for path in paths for mutant in mutants_of(path, ran.get(path, {}))]
    chosen = random.Random(given.seed).sample(every, given.sample or len(every))
    if failed := trial(untouched(chosen), given.jobs, math.inf)[True]:
        sys.exit(f"tests fail without any mistake: {', '.join(map(str, failed))}")
    ended = trial(chosen, given.jobs, time.monotonic() + given.minutes * 60)
    caught, tried = len(ended[True]), len(ended[True]) + len(ended[False])
    print(
        f"{100 * caught / max(1, tried):.1f} %: {caught} of {tried} mistakes caught"
        f" (of {len(every)} that can be planted, seed {given.seed})"
    )


if __name__ == "__main__":
    main()
