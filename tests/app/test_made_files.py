"""What install and build made, found in a real work tree."""

import json

import pytest

from tests.support.git_repositories import git
from tests.support.project_dir import Project

FILES = {
    "package.json": "{}",
    "src/index.ts": "1",
    "packages/a/package.json": "{}",
    ".gitignore": "node_modules\ndist\n",
}
MADE = [
    "dist/index.js",
    "generated/client.js",
    "packages/a/dist/a.js",
    "src/index.js",
    ".pnp.cjs",
    ".yarn/cache/x.zip",
    "node_modules/x/index.js",
    "packages/a/node_modules/x/index.js",
]
KEPT_OUT = [
    ".env",
    ".turbo/x",
    "tsconfig.tsbuildinfo",
    "packages/a/.cache/x",
    "uploads/photo.png",
    ".env.production",
    ".deploy/lock",
    "backups/b.tar.gz",
]
SETTINGS = {"shared_paths": ["uploads"], "stage_files": [".env.production"]}


@pytest.fixture
def project(tmp_path):
    """Return a project whose work tree holds what git tracks, and nothing else."""
    made = Project(tmp_path)
    git(made.root, "init", "-q", "-b", "main")
    write(made, *FILES)
    for name, text in FILES.items():
        (made.root / name).write_text(text)
    git(made.root, "add", *FILES)
    git(made.root, "commit", "-q", "-m", "one")
    return made


def write(project, *names, text="x"):
    """Write these files."""
    for name in names:
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).write_text(text)


def told(project, call, **settings):
    """Return what a function of the module returns."""
    code = f"fs.writeSync(1, JSON.stringify({call}) + '\\n');"
    done = project.run("app/made_files", after=code, **{"paths": [], **settings})
    assert done.code == 0, done.out
    return json.loads(done.said[-1])


def test_everything_that_git_does_not_track_is_found_at_any_depth(project):
    write(project, *MADE, *KEPT_OUT)
    assert told(project, "madeIn(project)", **SETTINGS) == [
        "dist",
        "generated",
        "packages/a/dist",
        "src/index.js",
        ".pnp.cjs",
        ".yarn",
        "node_modules",
        "packages/a/node_modules",
    ]


def test_the_inventory_narrows_what_a_build_made_and_not_what_an_install_made(project):
    write(project, *MADE)
    found = told(project, "madeIn(project)", build_outputs=["dist", "missing"])
    assert found == ["dist", ".pnp.cjs", ".yarn", "node_modules", "packages/a/node_modules"]


@pytest.mark.parametrize(
    ("name", "found"),
    [("dist/page.html", ["dist"]), ("web/build/x", ["web/build"]), ("src/page.html", [])],
)
def test_an_output_that_git_tracks_is_found_when_the_build_wrote_it_again(project, name, found):
    write(project, name)
    git(project.root, "add", "-f", name)
    git(project.root, "commit", "-q", "-m", "two")
    assert told(project, "madeIn(project)") == []
    write(project, name, text="built again")
    assert told(project, "madeIn(project)") == found


def test_what_is_live_is_what_its_deploy_recorded(project):
    write(project, *MADE)
    (project.root / ".deploy/live.json").write_text('{"revision": "a", "made": ["generated"]}')
    assert told(project, "madeLive()") == ["generated"]


def test_of_a_version_that_was_not_staged_here_the_usual_names_are_taken(project):
    write(project, *MADE, ".next/server/page.js", "data/app.db")
    assert told(project, "madeLive()") == [
        ".next",
        "dist",
        "packages/a/dist",
        ".pnp.cjs",
        ".yarn",
        "node_modules",
        "packages/a/node_modules",
    ]


def test_a_backup_holds_the_version_its_lockfile_and_its_env(project):
    write(project, "dist/x", "node_modules/y/z", "pnpm-lock.yaml")
    paths = ["dist", "node_modules", "pnpm-lock.yaml", ".env"]
    assert told(project, "backupPaths()") == paths
    assert told(project, "backupPaths()", paths=["dist"]) == ["dist"]


def test_an_archive_from_elsewhere_may_hold_what_is_live_and_what_was_always_backed_up(project):
    write(project, ".next/x")
    places = {".next", "dist", "node_modules", "package-lock.json", ".env"}
    assert set(told(project, "archivePlaces()", places=[])) == places
    assert told(project, "archivePlaces()", places=["only"]) == ["only"]


def test_a_submodule_that_is_filled_is_part_of_the_version(project):
    library = project.place / "lib"
    library.mkdir()
    git(library, "init", "-q", "-b", "main")
    git(library, "commit", "-q", "--allow-empty", "-m", "First")
    allowed = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    git(project.root, *allowed, str(library), "vendor/lib")
    git(project.root, *allowed, str(library), "vendor/empty")
    git(project.root, "submodule", "--quiet", "deinit", "-f", "vendor/empty")
    (project.root / "vendor/lib/lib.js").write_text("1")
    for settings in ({}, {"build_outputs": ["dist"]}):
        assert "vendor/lib" in told(project, "madeIn(project)", **settings)
        assert "vendor/empty" not in told(project, "madeIn(project)", **settings)
