"""An ES module whose packages yarn's Plug'n'Play serves: built and started through yarn."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.e2e.little_fleet import PACKAGE, LittleFleet
from tests.support.package_managers import programs_of

pytestmark = pytest.mark.xdist_group("plug-n-play")

BUILD = """
import fs from 'node:fs';
import ms from 'ms';
fs.mkdirSync('dist', { recursive: true });
fs.writeFileSync('dist/page.json', JSON.stringify(`v1 built ${ms(60000)}`));
"""
SERVER = """
import fs from 'node:fs';
import http from 'node:http';
import ms from 'ms';
const page = JSON.parse(fs.readFileSync('dist/page.json', 'utf8'));
const env = () => fs.readFileSync('.env', 'utf8').match(/PORT=([0-9]+)/)[1];
const answer = (_, response) => response.end(`${page} served ${ms(1000)}`);
http.createServer(answer).listen(process.env.PORT || env(), '127.0.0.1');
"""


@pytest.fixture(scope="module")
def one() -> Iterator[LittleFleet]:
    """Yield a host with the app, not deployed yet."""
    programs = programs_of("@yarnpkg/cli-dist@4")
    with Sandbox() as box:
        fleet = LittleFleet(box, 1)
        settings = box.hosts["web1"]
        del settings["start_command"], settings["backup_paths"]
        settings |= {"boot_test": True, "path": [str(programs), *box.defaults["path"]]}
        box.write_inventory()
        package = {
            **PACKAGE,
            "type": "module",
            "scripts": {"build": "node build.js", "start": "node server.js"},
            "dependencies": {"ms": "2.1.3"},
        }
        fleet.release(
            {
                ".gitignore": "dist\n.env\n.pnp.*\n.yarn\n",
                "package.json": json.dumps(package),
                "package-lock.json": None,
                "app.js": None,
                "build.js": BUILD,
                "server.js": SERVER,
            }
        )
        argv = [programs / "yarn", "install", "--mode=update-lockfile"]
        subprocess.run(argv, cwd=box.origin.work, env=box.env(), check=True, capture_output=True)
        fleet.release()
        yield fleet
        fleet.world.end()


def test_it_is_built_tested_and_served_by_what_yarn_put_into_the_tree(one: LittleFleet) -> None:
    one.on("web1", "deploy.setup")
    assert one.pages() == ["v1 built 1m served 1s"]
    resolver = (one.place("web1") / ".pnp.cjs").read_text()
    assert '"packageLocation": "./.yarn/cache/ms-' in resolver
    one.release({"build.js": BUILD.replace("v1", "v2")})
    assert one.on("web1", "deploy").steps()["install"] == "reused"
    assert one.pages() == ["v2 built 1m served 1s"]
    one.on("web1", "rollback")
    assert one.pages() == ["v1 built 1m served 1s"]
