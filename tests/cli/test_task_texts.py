"""What every task says of itself, and what listing them costs."""

import subprocess
import sys

import pytest

from fabfile import ns
from tests.support.house import CHECKOUT


def test_a_task_says_in_a_line_what_it_does():
    lines = {
        name: (ns[name].__doc__ or "").strip().partition("\n")[0] for name in sorted(ns.task_names)
    }
    bad = {name for name, line in lines.items() if not (line[-1:] == "." and 10 < len(line) <= 90)}
    assert bad == set()


def test_every_option_of_a_task_says_what_it_is_for_under_every_name_of_the_task():
    changing = {"dry-run", "yes", "wait", "batch", "canary", "on-failure"}
    for context in ns.to_contexts():
        assert [name for name, option in context.args.items() if not option.help] == []
        assert "json" in context.args, context.name
        assert changing & set(context.args) in (set(), changing), context.name


def test_no_option_has_a_short_form():
    short = {name for context in ns.to_contexts() for name in context.args if len(name) == 1}
    assert short == set()


LISTING = """
import sys
from invoke.main import program
program.run(["inv", "--list"], exit=False)
print(*sorted(sys.modules), file=sys.stderr)
"""
HEAVY = (
    *("apprise", "rich", "requests", "paramiko", "fabric", "cryptography", "http"),
    *("socketserver", "sqlite3", "uvicorn", "httptools"),
)


@pytest.mark.parametrize("name", HEAVY)
def test_a_listing_costs_no_library_that_it_does_not_need(name, loaded):
    assert name not in loaded


@pytest.fixture(scope="module")
def loaded():
    """Return the top names of what a listing loads."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert "deploy.restart" in done.stdout
    names = done.stderr.split()
    assert not [name for name in names if name.startswith("mantodeus_ops.remote")]
    return {name.partition(".")[0] for name in names}
