"""What hosts say of themselves when a selector asks them: over real lines, by the real program."""

import json

import pytest

from mantodeus_ops.fleet.host_selector import read_selection
from mantodeus_ops.fleet.resolve_hosts import resolve_hosts
from mantodeus_ops.remote.connect import ConnectionPool
from tests.support.fake_fleet import inventory_of
from tests.support.faulty_transports import Strange

HOSTS = ["well", "ill", "cut", "fresh"]


def record(**fields):
    """Return a line of a host's own books."""
    return json.dumps({"task": "deploy", "at": 1, **fields}) + "\n"


@pytest.fixture
def fleet(tmp_path):
    """Return an inventory of four hosts on this machine with a past each, and doors to them."""
    for name in HOSTS:
        (tmp_path / name / ".deploy").mkdir(parents=True)
    books = {
        "well/.deploy/history.jsonl": record(status="failed") + record(status="success"),
        "ill/.deploy/history.jsonl": record(status="success") + record(status="rolled_back"),
        "cut/.deploy/history.jsonl": record(status="success"),
        "cut/.deploy/journal.jsonl": record(run="one", step="begin")
        + record(run="one", step="swap"),
    }
    for name, text in books.items():
        (tmp_path / name).write_text(text)
    places = {name: f'project_dir = "{tmp_path / name}"' for name in HOSTS}
    inventory = inventory_of(HOSTS, **places)
    return inventory, ConnectionPool(inventory, local=False)


def chosen(fleet, text):
    """Return the names of the hosts that the text means now."""
    inventory, doors = fleet
    found = resolve_hosts(read_selection(inventory, text), inventory, doors)
    return [spec.name for spec in found.specs], dict(found.lost)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@failed", ["ill", "cut"]),
        ("*,!@failed", ["well", "fresh"]),
        ("fresh,[wi]*@failed", ["fresh", "ill"]),
        ("*@behind", []),
    ],
)
def test_their_own_history_decides(fleet, text, names):
    assert chosen(fleet, text) == (names, {})


def test_a_host_that_gives_no_answer_is_told_of_and_not_gone_to(fleet):
    fleet[1]._transports["fresh"] = Strange("exit 3")
    names, lost = chosen(fleet, "*,!@failed")
    assert names == ["well"]
    assert list(lost) == ["fresh"]
    assert lost["fresh"].exit_code == 1
    assert "exit 3" in lost["fresh"].error
