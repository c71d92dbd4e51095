"""Assets of earlier versions stay reachable for their time, and belong to no version."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import Sandbox
from sandbox.machine import fetch
from tests.e2e.little_fleet import PACKAGE, LittleFleet

pytestmark = pytest.mark.xdist_group("assets")

SERVER = """
const fs = require('fs');
const port = process.env.PORT || fs.readFileSync('.env', 'utf8').match(/PORT=([0-9]+)/)[1];
require('http').createServer((asked, answer) => {
  const file = `dist${asked.url === '/' ? '/page' : asked.url}`;
  if (!fs.existsSync(file)) return answer.writeHead(404).end('none');
  answer.end(fs.readFileSync(file));
}).listen(port, '127.0.0.1');
"""
BUILD = """
const fs = require('fs');
const page = fs.readFileSync('version', 'utf8');
fs.mkdirSync(`dist/assets/${page}`, { recursive: true });
fs.writeFileSync('dist/page', page);
fs.writeFileSync('dist/assets/same.js', page);
fs.writeFileSync(`dist/assets/app-${page}.js`, page);
fs.writeFileSync(`dist/assets/${page}/chunk.js`, page);
"""


@pytest.fixture(scope="module")
def one() -> Iterator[LittleFleet]:
    """Yield a host whose app serves what its build wrote; `v1` is live."""
    with Sandbox() as box:
        fleet = LittleFleet(box, 1)
        box.hosts["web1"] |= {"start_command": "node server.js", "assets": ["dist/assets"]}
        del box.hosts["web1"]["backup_paths"]
        box.write_inventory()
        package = {**PACKAGE, "scripts": {"build": "node build.js"}}
        fleet.release(
            {
                ".gitignore": "dist\nnode_modules\n.env\n",
                "package.json": json.dumps(package),
                "build.js": BUILD,
                "server.js": SERVER,
                "version": "v1",
            }
        )
        fleet.on("web1", "deploy.setup")
        yield fleet
        fleet.world.end()


def ship(one: LittleFleet, version: str) -> None:
    """Release and deploy a version."""
    one.release({"version": version})
    one.on("web1", "deploy")


def answers(one: LittleFleet, name: str) -> str:
    """Return what the app answers for an asset; empty when it has none."""
    status, text = fetch(f"http://127.0.0.1:{one.ports['web1']}/assets/{name}")
    return text if status == 200 else ""


def reachable(one: LittleFleet) -> list[str]:
    """Return the versions whose assets the app answers, both of each."""
    versions = ("v1", "v2", "v3", "v4")
    for version in versions:
        assert answers(one, f"app-{version}.js") == answers(one, f"{version}/chunk.js")
    return [version for version in versions if answers(one, f"app-{version}.js")]


def test_assets_stay_after_a_deploy_and_never_over_a_new_file(one: LittleFleet) -> None:
    ship(one, "v2")
    ship(one, "v3")
    assert one.pages() == ["v3"]
    assert reachable(one) == ["v1", "v2", "v3"]
    assert answers(one, "same.js") == "v3"


def test_they_are_in_no_backup_and_change_no_verdict(one: LittleFleet) -> None:
    one.on("web1", "backup")
    kept = one.on("web1", "backup.list").row["backups"][0]
    assert (kept["verdict"], kept["same_revision"]) == ("good", True)
    archive = one.place("web1") / f"backups/{kept['name']}.tar.gz"
    listed = subprocess.run(["tar", "-tzf", archive], check=True, capture_output=True, text=True)
    assert {name for name in listed.stdout.split() if "assets" in name} == {
        "dist/assets/",
        "dist/assets/app-v3.js",
        "dist/assets/same.js",
        "dist/assets/v3/",
        "dist/assets/v3/chunk.js",
    }


def test_they_stay_after_a_rollback_and_its_undo(one: LittleFleet) -> None:
    turns = [(("rollback",), "v2"), (("rollback",), "v1"), (("rollback", "--undo"), "v2")]
    for task, page in turns:
        one.on("web1", *task)
        assert one.pages() == [page]
        assert reachable(one) == ["v1", "v2", "v3"]
        assert answers(one, "same.js") == page
    assert one.on("web1", "status").row["health"] == "healthy"


def test_a_deploy_that_is_taken_back_leaves_them(one: LittleFleet) -> None:
    one.release({"version": "v4", "server.js": "process.exit(3);"})
    one.box.hosts["web1"]["health"] = {"wait": 0, "retries": 4, "delay": 0.5}
    one.box.write_inventory()
    one.on("web1", "deploy", code=5)
    assert (one.pages(), reachable(one)) == (["v2"], ["v1", "v2", "v3"])
    one.release({"server.js": SERVER})


def test_they_go_when_their_time_is_over(one: LittleFleet) -> None:
    index = one.place("web1") / ".deploy/assets.json"
    times = json.loads(index.read_text())
    aged = {name: 1.0 if "v1" in name else at for name, at in times.items()}
    index.write_text(json.dumps(aged))
    ship(one, "v4")
    assert reachable(one) == ["v2", "v3", "v4"]
    assert not (one.place("web1") / "dist/assets/v1").exists()
    one.on("web1", "rollback")
    assert reachable(one) == ["v2", "v3", "v4"]
    one.on("web1", "deploy")


def test_clean_counts_and_clears_them(one: LittleFleet) -> None:
    counted = {item["what"]: item for item in one.on("web1", "monitor.clean").row["items"]}
    store = str(one.place("web1") / ".deploy/assets")
    assert counted[store]["bytes"] > 0
    one.on("web1", "monitor.clean", "--yes")
    assert reachable(one) == ["v4"]
    assert files(Path(store)) == []
    one.release({"NEWS": "1"})
    one.on("web1", "deploy")


def files(place: Path) -> list[str]:
    """Return all files below a place."""
    return [name for _, _, names in os.walk(place) for name in names]


def test_what_the_app_wrote_among_them_is_still_its_data(one: LittleFleet) -> None:
    written = one.place("web1") / "dist/assets/upload.png"
    written.write_text("data")
    one.release({"version": "v1"})
    row = one.on("web1", "deploy", code=1).row
    assert "dist/assets/upload.png" in row["hint"]
    one.box.hosts["web1"]["shared_paths"] = ["dist/assets/upload.png"]
    one.box.write_inventory()
    one.on("web1", "deploy")
    assert (answers(one, "upload.png"), reachable(one)) == ("data", ["v1", "v4"])
