"""Apps that are slow, behind a proxy, at a socket or without HTTP, and one asked wrongly."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import Sandbox
from tests.e2e.little_fleet import LittleFleet

pytestmark = pytest.mark.xdist_group("health")

SERVER = """
const fs = require('fs');
const http = require('http');
const said = fs.readFileSync('.env', 'utf8');
const port = process.env.PORT || said.match(/PORT=(.*)/)[1];
const app = (asked, answer) => {
  const healthy = asked.url === '%PATH%';
  const forwarded = asked.headers['x-forwarded-proto'] === 'https';
  if (%SECURE% && !forwarded) return answer.writeHead(301, { location: 'https://h/' }).end();
  if (!healthy && asked.url !== '/') return answer.writeHead(404).end('<html>no such page</html>');
  answer.end(JSON.stringify({ status: '%STATUS%', version: '%VERSION%' }));
};
if (fs.existsSync(port)) fs.unlinkSync(port);
setTimeout(() => http.createServer(app).listen(port), %DELAY%);
"""
BOT = "console.log('%VERSION%'); setInterval(() => {}, 1000); %MORE%"
FAST = {"wait": 0, "retries": 6, "delay": 0.5}


@pytest.fixture(scope="module")
def one() -> Iterator[LittleFleet]:
    """Yield a host whose app is one file out of git."""
    with Sandbox() as box:
        fleet = LittleFleet(box, 1)
        settings = box.hosts["web1"]
        settings |= {"start_command": "node server.js", "health": FAST, "boot_test": True}
        del settings["backup_paths"]
        without = {"package-lock.json": None, "build.js": None, "app.js": None}
        package = {"name": "little", "version": "1.0.0"}
        fleet.release({**without, "package.json": json.dumps(package), "server.js": server()})
        box.write_inventory()
        yield fleet
        fleet.world.end()


def server(version: str = "v1", delay: int = 0, **more: str) -> str:
    """Return an app of this version."""
    words = {"PATH": "/", "SECURE": "false", "STATUS": "ok", **more}
    text = SERVER.replace("%VERSION%", version).replace("%DELAY%", str(delay))
    for name, value in words.items():
        text = text.replace(f"%{name}%", value)
    return text


def told(one: LittleFleet, **settings: Any) -> None:
    """Change the inventory."""
    one.box.hosts["web1"] |= settings
    one.box.write_inventory()


def ship(one: LittleFleet, text: str, code: int = 0) -> dict[str, Any]:
    """Release this app and deploy it; return the row."""
    one.release({"server.js": text})
    return one.on("web1", "deploy", code=code).row


def port(one: LittleFleet) -> int:
    """Return the app's port."""
    return one.ports["web1"]


def test_a_first_deploy_that_is_asked_wrongly_says_where_the_app_answers(one: LittleFleet) -> None:
    told(one, health_url=f"http://localhost:{port(one)}/api/wrong")
    row = one.on("web1", "deploy.setup", code=1).row
    assert "is healthy at /" in row["error"]
    told(one, health_url="http://localhost:1/")
    row = one.on("web1", "deploy", code=1).row
    assert f'health_url = "http://localhost:{port(one)}/"' in row["hint"]


def test_a_first_deploy_over_a_running_app_is_refused_with_the_right_value(
    one: LittleFleet,
) -> None:
    by_hand(one)
    for wrong in ("http://localhost:1/", f"http://localhost:{port(one)}/api/health"):
        told(one, health_url=wrong)
        row = one.on("web1", "deploy", code=1).row
        assert "not healthy by this inventory" in row["error"]
        assert f'health_url = "http://localhost:{port(one)}/"' in row["hint"]
        assert one.pages() == [json.dumps({"status": "ok", "version": "v1"}, separators=(",", ":"))]


def by_hand(one: LittleFleet) -> None:
    """Start the app as a person does."""
    machine, place = one.box.manager, one.place("web1")
    start = ["pm2", "-s", "start", "server.js", "--name", "web1"]
    subprocess.run(start, cwd=place, env=machine.env(), check=True, capture_output=True)
    deadline = time.monotonic() + 20
    while one.pages()[0] == "" and time.monotonic() < deadline:
        time.sleep(0.1)


def test_an_app_that_was_ill_before_and_is_back_calls_nobody(one: LittleFleet) -> None:
    told(
        one, health_url=f"http://localhost:{port(one)}/", health={**FAST, "json": {"status": "up"}}
    )
    row = ship(one, server("v2", STATUS="down"), code=1)
    assert 'status is "down", not "up"' in row["error"]
    told(one, boot_test=False)
    row = one.on("web1", "deploy", code=5).row
    assert "was not healthy before" in row["error"]
    assert '"v1"' in one.pages()[0]
    told(one, boot_test=True)


def test_the_json_that_is_wanted_and_a_header_make_an_app_healthy(one: LittleFleet) -> None:
    told(one, health={**FAST, "json": {"status": "up"}})
    assert ship(one, server("v3", STATUS="up"))["health"] == "healthy"
    row = ship(one, server("v4", STATUS="up", SECURE="true"), code=1)
    assert 'health.headers.X-Forwarded-Proto = "https"' in row["hint"]
    told(one, health={**FAST, "headers": {"X-Forwarded-Proto": "https"}})
    one.on("web1", "deploy")
    assert one.on("web1", "health").row["http_status"] == 200


def test_an_app_that_is_slow_has_the_time_that_it_is_given(one: LittleFleet) -> None:
    row = ship(one, server("v5", delay=5000), code=1)
    assert "within 3 s" in row["error"]
    assert "health.timeout" in row["hint"]
    told(one, health={**FAST, "timeout": 15})
    one.on("web1", "deploy")
    assert '"v5"' in one.pages()[0]


def test_a_question_that_the_app_refuses_is_asked_once(one: LittleFleet) -> None:
    told(one, health=FAST, health_url=f"http://localhost:{port(one)}/none")
    time.sleep(4)
    began = time.monotonic()
    row = one.on("web1", "health", code=7).row
    assert "404: no such page" in row["error"]
    assert time.monotonic() - began < 8


def test_an_app_at_a_socket_is_asked_there_and_its_owner_is_known(one: LittleFleet) -> None:
    socket = one.place("web1") / "app.sock"
    told(one, health_url=f"unix:{socket}:/")
    row = ship(one, server("v6"), code=1)
    assert "app.sock" in row["error"]
    assert "boot_test = false" in row["hint"]
    (one.place("web1") / ".env").write_text(f"PORT={socket}\n")
    one.on("web1", "deploy")
    assert one.on("web1", "status").row["health"] == "healthy"
    before = socket.stat().st_ino
    row = ship(one, server("v7", PATH="/never").replace("'/'", "'/no'"), code=1)
    assert "404" in row["error"]
    assert socket.stat().st_ino == before
    assert one.on("web1", "status").row["health"] == "healthy"


def test_an_app_without_http_is_well_when_it_stays_up(one: LittleFleet) -> None:
    told(one, health_url="")
    done = ship(one, bot("b1"))
    assert done["health"] == "not asked"
    status = one.on("web1", "status").row
    assert (status["status"], status["health"]) == ("online", "not asked")
    assert one.on("web1", "health").row["health"] == "not asked"
    assert one.on("web1", "restart").row["health"] == "not asked"
    lines = {line["name"]: line for line in one.on("web1", "check").row["lines"]}
    assert "not asked" in lines["health endpoint answers"]["evidence"]
    row = ship(one, bot("b2", "setTimeout(() => process.exit(3), 2000);"), code=1)
    assert "exit code 3" in row["error"]
    told(one, boot_test=False)
    assert one.on("web1", "deploy", code=5).row["rolled_back"]
    assert "stays up" in one.on("web1", "deploy", code=5).row["error"]
    one.on("web1", "rollback")
    assert one.on("web1", "backup.list").row["backups"][0]["verdict"] == "good"


def bot(version: str, more: str = "") -> str:
    """Return an app that listens nowhere."""
    return BOT.replace("%VERSION%", version).replace("%MORE%", more)
