from pathlib import Path

import pytest

from mantodeus_ops.inventory.parse import App
from mantodeus_ops.monitor.host_findings import disk_findings, env_findings

GIB = 1 << 30


def app(**settings):
    """Return an app with these settings."""
    known = {"name": "shop", "health_url": "http://x/", "min_free_disk": GIB}
    return App(project_dir=Path("/srv/app"), **known | settings)


def env(text, mode="600", *, present=True):
    """Return the facts about a .env."""
    return {"env": {"present": present, "text": text, "mode": mode}}


def disk(free, inodes=1_000_000):
    """Return the facts about a disk."""
    return {"disk": {"free": free, "inodes_free": inodes}}


def test_a_missing_file_is_red_when_something_is_needed():
    (found,) = env_findings(app(required_env=("PORT",)), env("", present=False))
    assert ("PORT" in found.text, found.hint, found.stops) == (True, "deploy.setup", True)
    (found,) = env_findings(app(), env("", present=False), example="HOST=secret\n")
    assert "HOST" in found.text
    assert "secret" not in found.text
    assert env_findings(app(), env("", present=False)) == []


def test_variables_that_are_needed_and_empty_are_named():
    (found,) = env_findings(app(required_env=("PORT", "HOST", "NAME")), env("PORT=1\nHOST=\n"))
    assert ("HOST, NAME" in found.text, "PORT" in found.text) == (True, False)
    assert found.hint == "env.set HOST"


def test_a_file_that_others_read_is_a_warning():
    (found,) = env_findings(app(), env("A=1\n", "644"))
    assert not found.stops
    assert env_findings(app(), env("A=1\n", "600")) == []


@pytest.mark.parametrize(
    ("free", "wanted", "reds"), [(GIB, 0, 0), (GIB - 1, 0, 1), (GIB, GIB + 1, 1), (2 * GIB, GIB, 0)]
)
def test_the_disk_needs_what_is_wanted_and_what_the_inventory_says(free, wanted, reds):
    found = disk_findings(app(), disk(free), wanted)
    assert [one.stops for one in found] == [True] * reds


@pytest.mark.parametrize(
    ("inodes", "stops"), [(0, [True]), (1, [False]), (99_999, [False]), (100_000, []), (-1, [])]
)
def test_few_inodes_are_a_warning_and_none_are_red(inodes, stops):
    assert [one.stops for one in disk_findings(app(), disk(GIB, inodes))] == stops
