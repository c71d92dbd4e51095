"""Assets of earlier versions in a store: what is kept, shown, left out and dropped."""

from __future__ import annotations

import json

import pytest

from tests.support.project_dir import Project, need

OLD = "dist/assets/v1/a.js"
TOLD = {"assets": ["dist/assets"], "keep_assets": 604_800, "swaps": ["dist"], "task": "deploy"}


@pytest.fixture
def project(tmp_path):
    """Return a project whose live version is v1, with v2 in its stage."""
    need("node")
    made = Project(tmp_path)
    write(made, "dist/page", "dist/assets/same.js", OLD, text="v1")
    write(made, ".deploy/staging/dist/page", ".deploy/staging/dist/assets/same.js", text="v2")
    listing(made, "dist/page", "dist/assets/same.js", OLD)
    return made


def write(project, *names, text):
    """Write files with this text."""
    for name in names:
        file = project.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def listing(project, *names):
    """Record the files of the live version."""
    write(project, ".deploy/outputs.json", text=json.dumps({"dist": names}))


def kept(project, **more):
    """Keep the assets of what is live, as before a swap; return the index."""
    done = project.run("deploy/keep_assets", after="keepAssets();", **{**TOLD, **more})
    assert done.code == 0, done.out
    index = project.root / ".deploy/assets.json"
    return json.loads(index.read_text()) if index.exists() else {}


def go_live(project, *names):
    """Put the stage in the place of what is live."""
    (project.root / ".deploy/previous/r1").mkdir(parents=True)
    (project.root / "dist").rename(project.root / ".deploy/previous/r1/dist")
    (project.root / ".deploy/outputs.json").rename(
        project.root / ".deploy/previous/r1/version.json"
    )
    (project.root / ".deploy/staging/dist").rename(project.root / "dist")
    listing(project, *names)


def seen(project, root):
    """Return the files of dist that are taken for the version's, in this tree."""
    walk = "reply({ names: [...walk(params.at, 'dist')].map((entry) => entry.name) });"
    done = project.run("backup/tar_writer", after=walk, at=str(root), **TOLD)
    return json.loads(done.out)["names"]


def test_files_that_the_new_version_lacks_are_linked_into_it_and_no_other(project):
    assert set(kept(project)) == {"dist/assets/same.js", OLD}
    stage = project.root / ".deploy/staging"
    assert (stage / OLD).samefile(project.root / OLD)
    assert (stage / "dist/assets/same.js").read_text() == "v2"
    assert not (stage / "dist/assets/page").exists()
    assert kept(project)  # once more, as after an interruption


def test_they_are_left_out_of_the_version_with_the_directories_made_for_them(project):
    kept(project)
    go_live(project, "dist/page", "dist/assets/same.js")
    live = ["dist", "dist/assets", "dist/assets/same.js", "dist/page"]
    assert seen(project, project.root) == live
    assert OLD in seen(project, project.root / ".deploy/previous/r1")
    write(project, "dist/assets/v1/upload.png", text="data")
    assert "dist/assets/v1/upload.png" in seen(project, project.root)


def test_those_whose_time_is_over_go_from_everywhere_but_their_own_version(project):
    kept(project)
    go_live(project, "dist/page", "dist/assets/same.js")
    index = project.root / ".deploy/assets.json"
    index.write_text(json.dumps(dict.fromkeys(json.loads(index.read_text()), 1.0)))
    write(project, ".deploy/staging/dist/page", text="v3")
    assert set(kept(project)) == {"dist/assets/same.js"}
    assert not (project.root / "dist/assets/v1").exists()
    assert (project.root / ".deploy/previous/r1" / OLD).exists()
    assert not (project.root / ".deploy/staging" / OLD).exists()


def test_what_the_app_wrote_among_them_is_not_taken_for_an_asset(project):
    write(project, "dist/assets/upload.png", text="data")
    assert "dist/assets/upload.png" not in kept(project)


def test_a_link_of_the_new_version_is_not_followed(project):
    outside = project.root / "outside"
    outside.mkdir()
    (project.root / ".deploy/staging/dist/assets/same.js").unlink()
    (project.root / ".deploy/staging/dist/assets").rmdir()
    (project.root / ".deploy/staging/dist/assets").symlink_to(outside)
    kept(project)
    assert list(outside.iterdir()) == []


def test_where_the_store_has_another_content_of_a_name_the_newest_is_kept(project):
    kept(project)
    go_live(project, "dist/page", "dist/assets/same.js")
    write(project, ".deploy/staging/dist/page", text="v3")
    kept(project)
    assert (project.root / ".deploy/assets/dist/assets/same.js").read_text() == "v2"


@pytest.mark.parametrize("more", [{"assets": []}, {"swaps": [".env"]}, {"assets": ["public"]}])
def test_nothing_is_kept_where_no_folder_of_assets_is_swapped(project, more):
    assert kept(project, **more) == {}
    assert not (project.root / ".deploy/assets").exists()
