"""What install and build made is found, wherever it lies: swapped, kept and restored."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.little_fleet import APP, PACKAGE, LittleFleet

pytestmark = pytest.mark.xdist_group("made")

BUILD = """
const fs = require('fs');
const [out, page] = JSON.parse(fs.readFileSync('version.json'));
for (const name of [out, 'packages/lib/dist']) fs.mkdirSync(name, { recursive: true });
fs.writeFileSync(`${out}/page.txt`, page);
fs.writeFileSync('packages/lib/dist/lib.js', `module.exports = ${JSON.stringify(page)};`);
fs.mkdirSync('out/uploads', { recursive: true });
fs.writeFileSync('out/uploads/README', 'of the build');
"""
SERVER = APP.replace("'%REVISION%'", "require('./packages/lib/dist/lib.js')")


@pytest.fixture(scope="module")
def one() -> Iterator[LittleFleet]:
    """Yield a host whose app builds into `out` and into a package of its workspace."""
    with Sandbox() as box:
        fleet = LittleFleet(box, 1)
        settings = box.hosts["web1"]
        settings |= {"start_command": "node server.js", "shared_paths": ["out/uploads"]}
        del settings["backup_paths"]
        box.write_inventory()
        package = {**PACKAGE, "scripts": {"build": "node build.js"}}
        fleet.release(
            {
                ".gitignore": "out\ndist\npages\nnode_modules\n.env\n",
                "package.json": json.dumps(package),
                "build.js": BUILD,
                "server.js": SERVER,
                "packages/lib/package.json": '{"name": "lib", "version": "1.0.0"}',
            }
        )
        ship(fleet, "out", "v1", task="deploy.setup")
        yield fleet
        fleet.world.end()


def ship(fleet: LittleFleet, out: str, page: str, task: str = "deploy", code: int = 0) -> None:
    """Release a version that builds into this folder, and deploy it."""
    fleet.release({"version.json": json.dumps([out, page])})
    fleet.on("web1", task, code=code)


def made(fleet: LittleFleet) -> set[str]:
    """Return which of the folders that builds make are there."""
    names = ("out", "pages", "packages/lib/dist")
    return {name for name in names if (fleet.place("web1") / name).exists()}


def test_outputs_that_no_setting_names_are_live_and_are_backed_up(one: LittleFleet) -> None:
    assert one.pages() == ["v1"]
    assert made(one) == {"out", "packages/lib/dist"}
    ship(one, "pages", "v2")
    assert one.pages() == ["v2"]
    kept = one.on("web1", "backup.list").row["backups"][0]
    assert set(kept["paths"]) >= {"out", "packages/lib/dist", ".env"}
    assert kept["verdict"] == "good"


def test_a_rollback_brings_back_what_that_version_made_and_nothing_else(one: LittleFleet) -> None:
    ship(one, "pages", "v3")
    uploads = one.place("web1") / "out/uploads"
    for page in ("v2", "v1"):
        one.on("web1", "rollback")
        assert one.pages() == [page]
    assert (one.place("web1") / "out/page.txt").read_text() == "v1"
    assert "pages" not in made(one)
    assert uploads.is_symlink()
    left = one.on("web1", "backup.list").row["backups"][0]
    assert "pages" in left["paths"], "what was left can come back from its archive, too"
    one.on("web1", "rollback", "--undo")
    assert one.pages() == ["v2"]


def test_data_at_a_shared_path_outlives_every_version(one: LittleFleet) -> None:
    ship(one, "out", "v4")
    upload = one.place("web1") / "out/uploads/me.png"
    upload.write_text("precious")
    ship(one, "out", "v5")
    assert upload.read_text() == "precious"
    one.on("web1", "rollback")
    assert (one.pages(), upload.read_text()) == (["v4"], "precious")
    assert one.on("web1", "backup.list").row["backups"][0]["verdict"] == "good"


def test_data_that_no_setting_names_stops_a_deploy_with_the_setting(one: LittleFleet) -> None:
    written = one.place("web1") / "out/app.db"
    written.write_text("data")
    one.release({"version.json": json.dumps(["out", "v6"])})
    row = one.on("web1", "deploy", code=1).row
    assert 'shared_paths = ["out/app.db"]' in row["hint"]
    one.box.hosts["web1"]["shared_paths"] = ["out/uploads", "out/app.db"]
    one.box.write_inventory()
    one.on("web1", "deploy")
    assert (one.pages(), written.read_text()) == (["v6"], "data")


def test_the_stage_sees_nothing_of_the_live_tree(one: LittleFleet) -> None:
    module = one.place("web1") / "node_modules/gone/index.js"
    module.parent.mkdir(parents=True)
    module.write_text("")
    one.box.hosts["web1"]["boot_test"] = True
    one.box.write_inventory()
    one.release({"server.js": f"require('gone');\n{SERVER}"})
    row = one.on("web1", "deploy", code=1).row
    assert "gone" in row["error"]
    assert one.pages() == ["v6"]
