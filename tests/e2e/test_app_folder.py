"""An app in a folder of its clone, with its own lockfile, process file and `.env` there."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.little_fleet import APP, BUILD, LOCK, PACKAGE, LittleFleet

pytestmark = pytest.mark.xdist_group("folder")

ECOSYSTEM = """
module.exports = { apps: [{ name: 'web1', script: 'dist/index.js', out_file: 'logs/out.log' }] };
"""


@pytest.fixture(scope="module")
def one() -> Iterator[LittleFleet]:
    """Yield a host with an app in `site`, beside what does not belong to it."""
    with Sandbox() as box:
        fleet = LittleFleet(box, 1)
        settings = box.hosts["web1"]
        settings |= {"root": "site", "shared_paths": ["dist/uploads"], "boot_test": True}
        del settings["start_command"], settings["backup_paths"]
        box.write_inventory()
        (fleet.place("web1") / ".env").unlink()
        package = {**PACKAGE, "scripts": {"build": "node build.js"}}
        gone = ("package.json", "package-lock.json", "build.js", "app.js", ".env.example")
        fleet.release(
            {
                **dict.fromkeys(gone),
                "README": "of the whole\n",
                "site/package.json": json.dumps(package),
                "site/package-lock.json": json.dumps(LOCK),
                "site/build.js": BUILD,
                "site/app.js": APP.replace("%REVISION%", "v1"),
                "site/ecosystem.config.cjs": ECOSYSTEM,
                "site/.env.example": f"PORT={fleet.ports['web1']}\n",
            }
        )
        yield fleet
        fleet.world.end()


def ship(fleet: LittleFleet, version: str) -> None:
    """Deploy a version that answers with this."""
    fleet.release({"site/app.js": APP.replace("%REVISION%", version)})
    fleet.on("web1", "deploy")


def test_it_is_set_up_deployed_and_rolled_back_there(one: LittleFleet) -> None:
    place = one.place("web1")
    one.on("web1", "deploy.setup")
    assert one.pages() == ["v1"]
    assert (place / "site/.env").read_text() == f"PORT={one.ports['web1']}\n"
    assert (place / "site/dist/index.js").exists()
    assert (place / "site/logs/out.log").exists()
    ship(one, "v2")
    assert one.pages() == ["v2"]
    kept = one.on("web1", "backup.list").row["backups"][0]
    assert set(kept["paths"]) == {"site/dist", "site/package-lock.json", "site/.env"}
    one.on("web1", "rollback")
    assert one.pages() == ["v1"]
    one.on("web1", "rollback", "--undo")
    assert one.pages() == ["v2"]


def test_its_data_and_its_variables_are_those_of_the_folder(one: LittleFleet) -> None:
    upload = one.place("web1") / "site/dist/uploads/me.png"
    upload.parent.mkdir()
    upload.write_text("precious")
    ship(one, "v3")
    assert (one.pages(), upload.read_text()) == (["v3"], "precious")
    done = one.box.fab("-H", "web1", "env.set", "SECRET", "--restart", stdin="hidden")
    assert done.returncode == 0, done.stderr
    assert "SECRET=hidden" in (one.place("web1") / "site/.env").read_text()
    assert one.on("web1", "status").row["status"] == "online"
    assert one.on("web1", "restart").row["status"] == "success"
    one.on("web1", "check")


def test_hooks_run_in_the_folder(one: LittleFleet) -> None:
    one.box.hosts["web1"]["hooks"] = {
        name: [f"pwd >> {one.box.root}/hooks.txt"]
        for name in ("before_build", "before_commit", "after_commit")
    }
    one.box.write_inventory()
    ship(one, "v4")
    lines = (one.box.root / "hooks.txt").read_text().splitlines()
    assert [line.endswith("/site") for line in lines] == [True] * 3
    assert lines[-1] == str(one.place("web1") / "site")


def test_a_project_that_is_a_folder_of_a_clone_is_refused_with_both_settings(
    one: LittleFleet,
) -> None:
    place = one.place("web1")
    one.box.add_host("part", **{**one.box.hosts["web1"], "project_dir": str(place / "site")})
    for task in ("deploy", "deploy.setup"):
        row = one.on("part", task, code=1).row
        assert "the folder site of the clone" in row["error"]
        assert f'project_dir = "{place}" and root = "site"' in row["hint"]
    assert not (place / "site/.git").exists()
    assert one.pages() == ["v4"]


def test_a_folder_that_the_revision_lacks_is_named(one: LittleFleet) -> None:
    with_other = {**one.box.hosts["web1"], "root": "sites"}
    one.box.add_host("other", **with_other)
    assert "no folder sites" in one.on("other", "deploy", code=1).row["error"]
