import pytest

from mantodeus_ops.deploy.revision_findings import revision_findings
from tests.support.host_facts import APP, NEW, facts_of, target_of


def findings(target=None, **facts):
    """Return the findings on an ordinary revision, but for these changes."""
    return revision_findings(APP, facts_of(**facts), target_of(**(target or {})))


def test_an_ordinary_revision_has_none():
    assert findings() == []


def test_a_revision_that_was_rolled_back_before_is_named():
    (found,) = findings(rejected={NEW: {"at": 1.0, "run": "r"}})
    assert (found.stops, found.hint) == (False, "deploy.history")
    assert "rolled back" in found.text


@pytest.mark.parametrize(
    ("example", "live", "names"),
    [
        ("PORT=1\nKEY=\n", "PORT=1\n", "KEY"),
        ("PORT=1\nKEY=\nOTHER=\n", "", "KEY, OTHER"),
        ("PORT=1\nKEY=\n", "KEY=\n", ""),
        ("PORT=1\n", "", ""),
    ],
)
def test_new_names_of_the_example_that_are_not_set_are_named(example, live, names):
    found = findings({"env_example": example, "env_example_live": live})
    assert [one.text.rpartition(": ")[2] for one in found] == ([names] if names else [])


def test_without_an_env_file_new_names_are_none_of_its_own():
    target = {"env_example": "KEY=\n", "env_example_live": ""}
    assert findings(target, env={"present": False}) == []
