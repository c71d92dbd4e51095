"""docs/promises.md: each promise names tests that exist, and says whether make test runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

import pytest

from tests.support.doc_pages import CHECKOUT

pytestmark = pytest.mark.xdist_group("promises")  # one worker collects the tests, once

PAGE = CHECKOUT / "docs" / "promises.md"
ROW = re.compile(r"^\| (?P<id>[\w.]+) \| (?P<text>.+?) \| (?P<tests>`.+`) \| (?P<quick>yes|no) \|$")
# Those of the reports: every number that was mended so far.
REPORTED = [f"4.{number}" for number in range(1, 36)]
REPORTED += [
    "1.1",
    "1.2",
    "1.3",
    "1.5",
    "1.6",
    "1.7",
    "1.8",
    "1.9",
    "1.12",
    "1.16",
    "1.19",
    "1.22",
    "1.23",
    "1.28",
    "1.31",
    "3.11",
]
REPORTED += ["1.10", "1.11", "1.13", "1.14", "1.15", "1.21", "1.25", "1.26", "1.29", "1.32", "1.33"]
REPORTED += ["1.4", "1.17", "1.18", "1.20", "1.24", "1.34", "1.35", "1.36", "1.37"]
REPORTED += ["1.27", "1.30", "2.8", "2.17"]


@dataclass(frozen=True)
class Promise:
    """A row: a promise, the tests that show it, and whether each of them is in make test."""

    id: str
    text: str
    tests: tuple[str, ...]
    quick: bool


def promises() -> list[Promise]:
    """Return the rows of the table."""
    rows = [ROW.match(line) for line in PAGE.read_text().split("\n")]
    return [_promise(row) for row in rows if row]


def _promise(row: re.Match[str]) -> Promise:
    tests = tuple(re.findall("`([^`]+)`", row["tests"]))
    return Promise(row["id"], row["text"], tests, row["quick"] == "yes")


@cache
def collected(marks: str) -> frozenset[str]:
    """Return every test that pytest finds under these marks in the files that the table names."""
    files = sorted({test.partition("::")[0] for row in promises() for test in row.tests})
    argv = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-n", "0", "-m", marks, *files]
    done = subprocess.run(argv, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.split("\n") if "::" in line]
    return frozenset(found) | frozenset(line.partition("[")[0] for line in found)


def test_pytest_xdist_sees_the_group(request: pytest.FixtureRequest):
    """Without it each worker would make the worlds of the stories for itself."""
    suffix = "@promises" if "PYTEST_XDIST_WORKER" in os.environ else ""
    assert request.node.nodeid == f"tests/test_promises.py::{request.node.name}{suffix}"


def test_every_line_of_the_table_is_read():
    lines = [line for line in PAGE.read_text().split("\n") if line.startswith("| ")]
    assert len(promises()) == len([line for line in lines if not line.startswith("| promise")])


def test_every_report_that_was_mended_has_a_row():
    assert [number for number in REPORTED if number not in {row.id for row in promises()}] == []


@pytest.mark.parametrize("row", promises(), ids=lambda row: row.id)
def test_a_promise_names_tests_that_exist_and_says_when_they_run(row: Promise):
    assert [test for test in row.tests if test not in collected("not soak")] == []
    assert any(test in collected("not slow and not soak") for test in row.tests) == row.quick
