"""What holds for every test."""

from pathlib import Path

import pytest
from hypothesis import settings

from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.redaction.redactor import Redactor
from tests.support.wording import every_error

# No database of failures: the checkout may belong to somebody else. A slow machine is no failure.
settings.register_profile("here", database=None, deadline=None, max_examples=60)
settings.load_profile("here")

TESTS = Path(__file__).parent
STORIES = {"e2e", "faults", "model"}  # real hosts and apps: slow, unless marked quick
# What fails soonest first; the long stories in the middle, so that no worker ends with one alone.
ORDER = [
    *("text", "dotenv", "inventory", "ui", "cli", "redaction", "notify", "bench", "sandbox"),
    *("fleet", "monitor", "env", "e2e", "faults", "model", "app", "remote", "ssh"),
    *("transaction", "backup", "deploy", "webhook"),
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the stories slow that are not named quick, and put quick tests before slow ones."""
    for item in items:
        if _folder(item) in STORIES and not item.get_closest_marker("quick"):
            item.add_marker("slow")
    items.sort(key=_place)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long text by its beginning: every program that a test starts gets the test's name."""
    if isinstance(val, str | bytes) and len(val) > 200:
        return f"{val[:40]!a} of {len(val)}"
    return None


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def _place(item: pytest.Item) -> tuple[bool, int]:
    folder = _folder(item)
    known = ORDER.index(folder) + 1 if folder in ORDER else 0
    return item.get_closest_marker("slow") is not None, known


@pytest.fixture(autouse=True)
def _nothing_hidden():
    """Forget the secrets of the test before: the veil is one for the whole process."""
    REDACTOR._known, REDACTOR.redactor = set(), Redactor(())


@pytest.fixture(autouse=True)
def _errors_read_well():
    """Hold every error that is made in this process to how an error must read."""
    with every_error() as found:
        yield
    assert found == []
