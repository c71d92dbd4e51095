"""Dependencies taken over by hard links stay those of the live app, whatever a build does."""

import json
import os

import pytest

from fabfile.pure.host_codes import host_error
from tests.scripts.project import REFUSED, Project, tools

SHARED = "node_modules/one/index.js"
NO_LINKS = 'case "$1" in -al) exit 1;; esac\nexec cp "$@"'


@pytest.fixture
def project(tmp_path):
    """Return an app whose dependencies a stage can take over."""
    made = Project(tmp_path, path=tools(tmp_path / "bin", "cp")).fill()
    (made.root / ".deploy/staging").mkdir()
    return made


def clone(project):
    """Take the dependencies over."""
    done = project.run("modules", work="clone")
    assert (done.code, done.out) == (0, "")


def test_a_build_that_writes_through_a_hard_link_is_named_in_one_sentence(project):
    clone(project)
    (project.root / "node_modules/two.js").write_text("future")
    os.utime(project.root / "node_modules/two.js", (2**32, 2**32))
    clone(project)
    with (project.root / ".deploy/staging" / SHARED).open("a") as file:
        file.write("more")
    done = project.run("modules", work="untouched")
    assert done.code == REFUSED
    assert len(done.said) == 1
    assert SHARED in done.out
    assert not {"{", "\\"} & set(done.out)


def test_a_build_that_writes_into_files_of_its_own_is_let_through(project):
    (project.root / "node_modules/.cache").mkdir()
    (project.root / "node_modules/.cache/x").write_text("old")
    clone(project)
    (project.root / ".deploy/staging/node_modules/.cache/x").write_text("new")
    (project.root / "node_modules/.cache/x").write_text("of the live app")
    (project.root / ".deploy/staging" / SHARED).unlink()
    (project.root / ".deploy/staging" / SHARED).write_text("patched")
    assert project.run("modules", work="untouched").code == 0


def test_a_copy_where_links_cannot_be_made_is_held_against_no_earlier_list(project, tmp_path):
    clone(project)
    (project.root / SHARED).write_text("edited by a person")
    project.path = tools(tmp_path / "no-links", cp=NO_LINKS)
    clone(project)
    with (project.root / ".deploy/staging" / SHARED).open("a") as file:
        file.write("more")
    assert (project.root / SHARED).read_text() == "edited by a person"
    assert project.run("modules", work="untouched").code == 0


@pytest.mark.parametrize("program", ["modules", "stage", "boot", "commit", "restore"])
def test_a_job_that_breaks_down_leaves_a_sentence_and_no_json(project, program):
    (project.root / "node_modules").rename(project.root / "gone")
    (project.root / ".deploy/modules.json").mkdir()
    told = {"work": "clone", "commands": [{}], "health": {}, "task": "deploy", "name": "x"}
    done = project.run(program, **told)
    assert done.code != 0
    assert done.said
    assert not [line for line in done.said if line.startswith("{")]


def staged(project, packages, *names):
    """Write what npm locked, and an empty directory for each of these packages."""
    stage = project.root / ".deploy/staging"
    lock = {"packages": {f"node_modules/{name}": {"version": "1.0.0"} for name in packages}}
    if packages:
        (stage / "package-lock.json").write_text(json.dumps(lock))
    for name in names:
        (stage / "node_modules" / name).mkdir(parents=True)


@pytest.mark.parametrize(
    ("packages", "names", "code"),
    [(["one"], ["two"], "install-incomplete"), ([], ["two"], "packages-unreadable")],
)
def test_an_install_of_which_a_part_is_missing_is_refused_by_a_code(project, packages, names, code):
    staged(project, packages, *names)
    done = project.run("modules", work="prove", npm_cache="/nowhere")
    assert (done.code, done.result["code"]) == (REFUSED, code)
    assert done.result["facts"]["broken"] == 1
    assert host_error(done.result, {}).hint == "deploy --force-install"
