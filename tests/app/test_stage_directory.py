"""Where a version is staged: outside the project, where node finds nothing of the live version."""

from pathlib import Path

import pytest

from tests.support.project_dir import Project


@pytest.fixture
def project(tmp_path):
    """Return an app with a separate home."""
    made = Project(tmp_path / "place").fill()
    made.home = tmp_path / "home"
    made.home.mkdir()
    return made


def stage(project):
    """Make a stage; return where it really is."""
    done = project.run("app/stage_directory", after="makeStage(); console.log(stagePath());")
    assert done.code == 0, done.out
    return Path(done.said[-1])


def test_the_stage_lies_in_the_account_s_own_state_and_is_linked(project):
    place = stage(project)
    assert place.is_relative_to(project.home / ".local/state")
    assert (project.root / ".deploy/staging").resolve() == place
    assert not place.stat().st_mode & 0o077


HOMES = {
    "without room for state": lambda home: (home / ".local").write_text("a file"),
    "with packages that the live version does not find": lambda home: (
        home / "node_modules"
    ).mkdir(),
}


@pytest.mark.parametrize("home", HOMES)
def test_it_lies_beside_the_project_where_the_home_serves_badly(project, home):
    HOMES[home](project.home)
    assert stage(project).parent.name == ".project.stage"


def test_it_lies_inside_the_project_where_nothing_else_serves(project, tmp_path):
    (project.home / ".local").write_text("a file")
    (tmp_path / "place/.project.stage").write_text("a file")
    assert stage(project) == project.root / ".deploy/staging"


def test_a_project_that_is_the_home_is_never_above_its_stage(tmp_path):
    project = Project(tmp_path / "place").fill()
    project.home = project.root
    assert not stage(project).is_relative_to(project.root)
