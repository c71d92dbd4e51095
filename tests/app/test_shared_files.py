"""The app's data inside an output: one place, to which each version has a link."""

import pytest

from tests.support.project_dir import Project

DATA = ("dist/uploads",)


@pytest.fixture
def project(tmp_path):
    """Return an app that keeps uploads in its live output, and a stage with the next version."""
    made = Project(tmp_path).fill(**{"dist/uploads/photo.png": "photo"})
    for name in ("dist/index.js", "dist/uploads/README"):
        (made.root / ".deploy/staging" / name).parent.mkdir(parents=True, exist_ok=True)
        (made.root / ".deploy/staging" / name).write_text("next")
    return made


def run(project, *calls):
    """Run calls of the module's functions."""
    code = "".join(f"{call};\n" for call in calls)
    done = project.run("app/shared_files", after=code, shared_paths=list(DATA), run="r1")
    assert done.code == 0, done.out


SHARE = "shareLive(['dist'], inDeploy('written', 'r1'))"
LINK = "linkShared(inDeploy('staging'), 'dist', inDeploy('trash', 'r1'))"


def test_data_moves_once_and_both_versions_have_a_link_to_it(project):
    run(project, SHARE, LINK)
    run(project, SHARE, LINK)
    store = project.root / ".shared/dist/uploads"
    for root in (project.root, project.root / ".deploy/staging"):
        assert str((root / "dist/uploads").readlink()) == "../.shared/dist/uploads"
    assert (project.root / "dist/uploads/photo.png").read_text() == "photo"
    assert [one.name for one in store.iterdir()] == ["photo.png"], "not what the build brought"
    assert (project.root / ".deploy/trash/r1/dist/uploads/README").exists()


def test_the_data_is_as_open_as_it_was(project):
    (project.root / "dist").chmod(0o755)
    project.root.chmod(0o711)
    run(project, SHARE)
    modes = [(project.root / ".shared" / name).stat().st_mode & 0o777 for name in (".", "dist")]
    assert modes == [0o711, 0o755]


def test_an_interruption_between_the_two_steps_is_put_right(project):
    run(project, SHARE)
    (project.root / "dist/uploads").unlink()
    run(project, SHARE)
    assert (project.root / "dist/uploads/photo.png").read_text() == "photo"


def test_a_directory_that_came_back_by_hand_is_kept_beside_the_data(project):
    run(project, SHARE)
    (project.root / "dist/uploads").unlink()
    (project.root / "dist/uploads").mkdir()
    (project.root / "dist/uploads/old.png").write_text("old")
    run(project, SHARE)
    assert (project.root / ".deploy/written/r1/dist/uploads/old.png").read_text() == "old"
    assert (project.root / "dist/uploads/photo.png").read_text() == "photo"


def test_without_data_yet_what_the_build_brought_becomes_it(project):
    run(project, "fs.rmSync(path.join(project, 'dist/uploads'), { recursive: true })", SHARE, LINK)
    assert (project.root / ".shared/dist/uploads/README").read_text() == "next"


def test_a_stage_sees_the_data_where_it_is_and_moves_nothing(project):
    run(project, "linkIntoStage(inDeploy('staging'), ['dist'])")
    assert (project.root / ".deploy/staging/dist/uploads/photo.png").read_text() == "photo"
    assert not (project.root / "dist/uploads").is_symlink()


def test_a_place_without_data_is_left_as_it_is(project):
    (project.root / "dist/uploads/photo.png").unlink()
    (project.root / "dist/uploads").rmdir()
    run(project, SHARE, "linkIntoStage(inDeploy('staging'), ['dist'])")
    assert not (project.root / "dist/uploads").exists()
    assert (project.root / ".deploy/staging/dist/uploads/README").exists()
