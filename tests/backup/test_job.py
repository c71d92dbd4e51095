import pytest

from mantodeus_ops.backup.job import about_live, left_state, prune, verdict
from mantodeus_ops.version import VERSION
from tests.support.fake_host import host_at
from tests.support.project_dir import Project


@pytest.mark.parametrize(
    ("health", "word"),
    [(None, "unknown"), ({"healthy": True}, "good"), ({"healthy": False}, "bad")],
)
def test_health_decides_the_verdict(health, word):
    assert verdict({"health": health}) == word


def test_a_backup_records_what_is_live():
    facts = {
        "health": {"healthy": True},
        "git": {"head": "a" * 40, "branch": "main"},
        "live": {"revision": "b" * 40},
    }
    found = about_live(facts)
    assert (found["branch"], found["verdict"], found["tool"]) == ("main", "good", VERSION)
    assert found["live"] == facts["live"]


def test_a_state_is_known_by_its_content_where_it_has_no_other_name():
    assert left_state({"state": "s", "content": "c"}) == {"left": "s", "left_content": "c"}
    assert left_state({"content": "c"}) == {"left": "c", "left_content": "c"}
    assert left_state({}) == {"left": "", "left_content": ""}


def kept_one(project):
    """Return the host of a project that keeps one backup."""
    return host_at(project.root, keep_backups=1)


def test_what_retention_gives_up_is_deleted_and_named(tmp_path):
    project = Project(tmp_path).fill()
    first, second = project.backup(), project.backup()
    assert [one["name"] for one in prune(kept_one(project))] == [first["name"]]
    assert list(project.verify()) == [second["name"]]


def test_a_dry_run_names_it_and_deletes_nothing(tmp_path):
    project = Project(tmp_path).fill()
    first, second = project.backup(), project.backup()
    assert [one["name"] for one in prune(kept_one(project), dry=True)] == [first["name"]]
    assert set(project.verify()) == {first["name"], second["name"]}


def test_a_pinned_backup_stays(tmp_path):
    project = Project(tmp_path).fill()
    first, second = project.backup(), project.backup()
    assert prune(kept_one(project), pinned=[first["name"]]) == ()
    assert set(project.verify()) == {first["name"], second["name"]}
