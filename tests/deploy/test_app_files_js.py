"""Files that the app wrote into an output are not carried off with the version that they lie in."""

import json
import os
from pathlib import Path

import pytest

from mantodeus_ops.remote.programs import node_program
from tests.support.project_dir import Project

OF_VERSION = ["dist/deep/page.html", "dist/index.js", "dist/link"]
CACHES = [
    "node_modules/.cache/x",
    "node_modules/.pnpm/x/y",
    ".cache/x",
    ".vite/deps/x",
    ".next/server/x",
]


@pytest.fixture
def project(tmp_path):
    """Return an app whose live files are known, and the next version in a stage."""
    made = Project(tmp_path).fill()
    (made.root / ".deploy/outputs.json").write_text(json.dumps({"dist": OF_VERSION}))
    staged = made.root / ".deploy/staging/dist"
    staged.mkdir(parents=True)
    (staged / "index.js").write_text("next()\n")
    return made


def write(place, text="data"):
    """Write a file and the folders that it is in."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def run(project, after, **more):
    """Run a line over the functions of the program; return the value that it tells."""
    after = f"const tell = (one) => fs.writeSync(1, JSON.stringify(one) + '\\n');\n{after}"
    done = project.run("deploy/app_files", after=after, build_outputs=["dist"], run="r1", **more)
    assert done.code == 0, done.out
    return json.loads(done.said[-1]) if done.said else None


def swapped(project, *, along=False, **more):
    """Have the next version swapped in, as the commit does it."""
    lines = "writeListings('r1', ['dist']); swapIn('r1', ['dist']);"
    last = f"tell(rescue('r1', ['dist'], {json.dumps(along)})); settleListings('r1', ['dist'])"
    return run(project, f"{lines}{last}", **more)


def test_what_is_no_part_of_the_version_is_counted_and_the_first_are_named(project):
    for number in range(5):
        write(project.root / f"dist/uploads/{number}.png")
    (seen,) = run(project, "tell(writtenFacts(['dist']))")
    assert seen == {
        "name": "dist",
        "count": 5,
        "files": [f"dist/uploads/{number}.png" for number in range(3)],
    }


@pytest.mark.parametrize("name", CACHES)
def test_what_tools_keep_for_themselves_is_none_of_it(project, name):
    write(project.root / "dist" / name)
    assert run(project, "tell(writtenFacts(['dist']))") == []


@pytest.mark.parametrize("text", ["", "null", "[]", '{"dist": 5}', '{"other": []}'])
def test_of_a_version_whose_files_are_not_known_nothing_is_said(project, text):
    (project.root / ".deploy/outputs.json").write_text(text)
    write(project.root / "dist/data.db")
    assert run(project, "tell(writtenFacts(['dist']))") == []
    assert swapped(project) == []
    assert (project.root / ".deploy/previous/r1/dist/data.db").read_text() == "data"


def test_what_goes_along_is_the_very_file_that_a_program_has_open(project):
    write(project.root / "dist/data.db")
    with (project.root / "dist/data.db").open("a") as file:
        assert swapped(project, along=True) == ["dist/data.db"]
        file.write(" and more")
    assert (project.root / "dist/data.db").read_text() == "data and more"
    assert (project.root / "dist/index.js").read_text() == "next()\n"
    assert not (project.root / ".deploy/written").exists()
    (seen,) = run(project, "tell(writtenFacts(['dist']))")
    assert seen["files"] == ["dist/data.db"]  # and is no part of the next version either


def test_a_file_that_the_next_version_brings_too_is_kept_where_it_stays(project):
    write(project.root / "dist/robots.txt", "mine")
    write(project.root / ".deploy/staging/dist/robots.txt", "of the version")
    assert swapped(project, along=True) == ["dist/robots.txt"]
    assert (project.root / "dist/robots.txt").read_text() == "of the version"
    assert (project.root / ".deploy/written/r1/dist/robots.txt").read_text() == "mine"


def test_what_does_not_go_along_is_kept_where_it_stays(project):
    write(project.root / "dist/data.db")
    assert swapped(project) == ["dist/data.db"]
    assert not (project.root / "dist/data.db").exists()
    assert (project.root / ".deploy/written/r1/dist/data.db").read_text() == "data"


def test_what_a_boot_test_writes_is_no_part_of_the_version(project):
    (project.root / ".deploy/outputs.staged.json").write_text('{"dist": ["dist/index.js"]}')
    write(project.root / ".deploy/staging/dist/data.db")
    swapped(project)
    (seen,) = run(project, "tell(writtenFacts(['dist']))")
    assert seen["files"] == ["dist/data.db"]


def test_a_version_that_comes_back_has_the_files_that_it_had(project):
    write(project.root / "dist/data.db")
    swapped(project)
    back = "writeListings('r2', ['dist']); swapIn('r2', ['dist']); settleListings('r2', ['dist'])"
    run(project, back, sources={"dist": "previous/r1"})
    (seen,) = run(project, "tell(writtenFacts(['dist']))")
    assert seen["files"] == ["dist/data.db"]


def test_what_a_version_that_does_not_stay_wrote_is_kept(project):
    write(project.root / "dist/old.db")
    swapped(project, along=True)
    write(project.root / "dist/new.db")
    assert run(project, "tell(rescueRejected('r1', ['dist']))") == ["dist/new.db"]
    kept = project.root / ".deploy/written/r1"
    assert [str(path.relative_to(kept)) for path in kept.rglob("*.db")] == ["dist/new.db"]


def test_a_name_that_is_no_text_is_kept_as_any_other(project):
    name = os.fsencode(project.root) + b"/dist/caf\xe9"
    Path(os.fsdecode(name)).write_text("data")
    assert len(swapped(project)) == 1
    kept = os.fsencode(project.root) + b"/.deploy/written/r1/dist/caf\xe9"
    assert Path(os.fsdecode(kept)).read_text() == "data"


def test_what_is_neither_file_nor_link_holds_no_data(project):
    os.mkfifo(project.root / "dist/pipe")
    assert run(project, "tell(writtenFacts(['dist']))") == []


def test_a_folder_that_cannot_be_read_takes_no_other_along(project):
    shut = project.root / "dist/shut"
    shut.mkdir()
    shut.chmod(0)
    write(project.root / "dist/data.db")
    (seen,) = run(project, "tell(writtenFacts(['dist']))")
    shut.chmod(0o700)
    assert seen["files"] == ["dist/data.db"]


def test_what_is_only_linked_to_is_not_carried_off(project):
    (project.root / "dist").rename(project.root / "elsewhere")
    (project.root / "dist").symlink_to("elsewhere")
    write(project.root / "elsewhere/data.db")
    assert run(project, "tell(writtenFacts(['dist']))") == []


def test_the_commit_and_the_look_are_made_of_it():
    for name in (
        "transaction/activate",
        "app/facts",
        "deploy/record_stage",
        "deploy/stage",
        "transaction/recover",
    ):
        assert "function filesBelow(" in node_program(name)
