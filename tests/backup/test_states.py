"""What tells one state from another: its revision, whose files they are, and what is in them."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.project_dir import ABOUT, Project

CLOCK = Path(__file__).parents[1] / "support/clock.js"
RUN = "20250101-000000-one"


def git(project, *argv):
    """Return what git says in a project."""
    who = ("-c", "user.name=one", "-c", "user.email=one@example.org")
    argv = ["git", *who, *argv]
    done = subprocess.run(argv, cwd=project.root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path):
    """Return an app in a clone, with nothing but code in git."""
    project = Project(tmp_path)
    git(project, "init", "-q")
    return project


def version(project, text):
    """Commit a version; return its revision."""
    (project.root / "server.js").write_text(text)
    git(project, "add", "server.js")
    git(project, "commit", "-qm", text)
    return git(project, "rev-parse", "HEAD")


def live(project, revision, **more):
    """Note what is live, as a commit does; return it."""
    told = {"revision": revision, "head": revision, **more}
    (project.root / ".deploy/live.json").write_text(json.dumps(told))
    return told


def about(revision, **more):
    """Return what a backup of this revision is told."""
    return {**ABOUT, "revision": revision, "live": {"revision": revision}, **more}


def states(project, **more):
    """Return what the host says of its backups and of what is live, by name."""
    done = project.run("backup/list_states", exact=True, **more)
    assert done.code == 0, done.out
    seen = json.loads(done.out)
    return seen, {one["name"]: one for one in seen["backups"]}


def refs(project):
    """Return the refs that hold states, each with its revision."""
    listed = git(
        project, "for-each-ref", "--format=%(refname:lstrip=3) %(objectname)", "refs/mantodeus"
    )
    return dict(line.split() for line in listed.splitlines())


def test_a_revision_alone_is_a_state_and_its_archive_is_one_that_tar_reads(project):
    first = version(project, "v1")
    one = project.backup(about=about(first))
    second = version(project, "v2")
    live(project, second)
    two = project.backup(about=about(second))
    assert (one["paths"], one["content"]) == ([], two["content"])
    assert one["state"] != two["state"]
    archive = project.archive(one["name"])
    subprocess.run(["tar", "-xzf", archive], cwd=project.root, check=True)
    assert all(found["ok"] for found in project.verify().values())
    seen, listed = states(project)
    assert seen["state"] == two["state"]
    same = {name: found["same_revision"] for name, found in listed.items()}
    assert same == {one["name"]: False, two["name"]: True}


def test_before_anything_is_live_an_empty_clone_is_no_state(project):
    first = version(project, "v1")
    done = project.run("backup/create", about={**ABOUT, "revision": first})
    assert done.result == {"name": ""}


def test_a_revision_is_kept_as_long_as_its_backup(project):
    first = version(project, "v1")
    one = project.backup(about=about(first))
    git(project, "checkout", "-q", "--orphan", "other")
    second = version(project, "v2")
    two = project.backup(about=about(second))
    assert refs(project) == {one["name"]: first, two["name"]: second}
    git(project, "branch", "-D", *git(project, "branch", "--format=%(refname:short)").split()[:1])
    git(project, "reflog", "expire", "--expire=now", "--all")
    git(project, "gc", "-q", "--prune=now")
    assert git(project, "cat-file", "-t", first) == "commit"
    assert project.run("transaction/record", prune=[one["name"]]).code == 0
    assert list(refs(project)) == [two["name"]]


def test_a_ref_that_a_killed_prune_left_goes_with_the_next_backup(project):
    first = version(project, "v1")
    git(project, "update-ref", "refs/mantodeus/states/backup-20200101-000000", first)
    made = project.backup(about=about(first))
    assert list(refs(project)) == [made["name"]]


def test_a_backup_of_an_older_tool_is_a_state_by_its_revision_and_content(project):
    first = version(project, "v1")
    project.fill()
    made = project.backup(about=about(first))
    told = {key: value for key, value in made.items() if key not in {"state", "since", "sound"}}
    (project.backups / f"{made['name']}.json").write_text(json.dumps(told))
    live(project, first)
    seen, listed = states(project)
    assert (seen["state"], listed[made["name"]]["state"]) == (made["state"], made["state"])
    project.rewrite(made["name"], revision="")
    seen, listed = states(project)
    assert listed[made["name"]]["state"] == seen["content"] == made["content"]
    assert listed[made["name"]]["same_revision"]


def test_a_work_tree_that_was_moved_by_hand_is_what_is_live(project):
    first = version(project, "v1")
    made = project.backup(about=about(first))
    second = version(project, "v2")
    live(project, first)
    assert states(project)[1][made["name"]]["same_revision"] is False
    live(project, first, head=second)  # where git could not let it follow, and it was noted
    assert states(project)[1][made["name"]]["same_revision"] is True


def moved(project):
    """Return when the work tree was last moved, as it is told to a backup."""
    return int(git(project, "log", "-g", "-1", "--format=%cd", "--date=unix", "HEAD"))


def test_a_process_that_is_older_than_the_work_tree_proves_nothing(project):
    first = version(project, "v1")
    at = moved(project)
    verdicts = [
        project.backup(about=about(first), running_since=since, head_moved=at)["verdict"]
        for since in (at - 10, at + 10)
    ]
    assert verdicts == ["unknown", "good"]


def noted(project, *names):
    """Note the files of what is live as a commit does, and start the app; return when."""
    listed = "[name, { version: params.run, files: filesOf(project, name) }]"
    code = f"\nwriteOwn(params.run, Object.fromEntries(params.names.map((name) => {listed})));"
    assert project.run("deploy/version_files", run=RUN, names=list(names), after=code).code == 0
    time.sleep(0.05)
    return time.time()


def backed(project, began, revision="a" * 40, verdict="good"):
    """Return the manifest of a backup of an app that was started then."""
    told = {"revision": revision, "own": RUN}
    (project.root / ".deploy/live.json").write_text(json.dumps(told))
    time.sleep(0.05)
    what = {**ABOUT, "revision": revision, "live": told, "verdict": verdict}
    return project.backup(about=what, running_since=began)


def test_what_the_app_adds_beside_its_own_files_makes_no_other_state(tmp_path):
    project = Project(tmp_path).fill()
    began = noted(project, "dist")
    before = backed(project, began)
    (project.root / "dist/uploads").mkdir()
    (project.root / "dist/uploads/one").write_text("1")
    added = backed(project, began)
    assert (before["verdict"], added["verdict"]) == ("good", "good")
    assert before["content"] != added["content"]
    assert before["state"] == added["state"]
    seen, listed = states(project)
    assert seen["state"] == added["state"]
    assert listed[before["name"]]["differs"] == []
    assert "dist" in listed[before["name"]]["same"]


def replaced(file):
    """Put another file of the same bytes in the place of this one."""
    other = file.with_name("other")
    other.write_bytes(file.read_bytes())
    other.rename(file)


CHANGES = {
    "written": lambda file: file.write_text("other()\n"),
    "gone": lambda file: file.unlink(),
    "another with the same bytes": replaced,
    "its mode": lambda file: file.chmod(0o700),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_version_whose_files_were_changed_since_is_a_last_choice(tmp_path, change):
    project = Project(tmp_path).fill()
    began = noted(project, "dist")
    time.sleep(0.05)
    CHANGES[change](project.root / "dist/index.js")
    for _ in range(2):
        made = backed(project, began)
        assert (made["verdict"], made["changed"]) == ("good", True)


@pytest.mark.parametrize("name", [".env", "node_modules/one/index.js"])
def test_what_no_version_brought_and_changed_since_was_never_seen_healthy(tmp_path, name):
    project = Project(tmp_path).fill()
    began = noted(project, "dist")
    time.sleep(0.05)
    (project.root / name).write_text("other")
    assert backed(project, began)["verdict"] == "unknown"


@pytest.mark.parametrize("cache", [".next/cache/a", ".next/.cache/a", "dist/.turbo/a"])
def test_a_known_cache_does_not_count_at_all(tmp_path, cache):
    project = Project(tmp_path).fill(**{cache: "1", ".next/server.js": "1"})
    began, paths = noted(project, ".next", "dist"), ["dist", ".next", ".env"]
    told = {"revision": "a" * 40, "own": RUN}
    what = {"about": {**ABOUT, "live": told}, "running_since": began, "paths": paths}
    before = project.backup(**what)
    (project.root / cache).write_text("22")
    after = project.backup(**what)
    assert (after["verdict"], after["state"]) == ("good", before["state"])


def test_files_that_are_written_while_they_are_packed_leave_the_verdict_good(tmp_path):
    project = Project(tmp_path).fill()
    began = noted(project, "dist")
    time.sleep(0.05)
    (project.root / "dist/late").write_text("x")
    told = {"revision": "a" * 40, "own": RUN}
    # The clock stands at the moment of that write, which therefore may be going on.
    at = (project.root / "dist/late").stat().st_mtime * 1000
    made = project.backup(
        about={**ABOUT, "live": told},
        running_since=began,
        before=["env", f"OPS_CLOCK={int(at)}"],
        node=["-r", str(CLOCK)],
    )
    assert (made["consistent"], made["sound"], made["verdict"]) == (False, True, "good")
