"""A push to the origin leads, through a signed delivery to an installed receiver, to a live app."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import time
import uuid
from collections.abc import Iterator

import pytest

from fabfile.pure.github import full_name, signature_of
from sandbox import processes
from sandbox.machine import fetch
from sandbox.openssh import free_port
from tests.e2e.world import World

SECRET = secrets.token_hex(32)
PATIENCE = 60.0


class Hooked:
    """A world whose host has a receiver."""

    def __init__(self, world: World, port: int) -> None:
        self.world, self.port = world, port

    def deliver(self, event: str, body: bytes, secret: str = SECRET, id_: str = "") -> int:
        """Send a delivery as GitHub does; return the status of the answer."""
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": id_ or str(uuid.uuid4()),
            "X-Hub-Signature-256": signature_of(secret.encode(), body).decode(),
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/webhook", body=body, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def push(self, revision: str, before: str = "0" * 39 + "1") -> bytes:
        """Return the body by which GitHub tells of this push."""
        repository = full_name(str(self.world.box.origin.bare))
        told = {
            "ref": "refs/heads/main",
            "before": before,
            "after": revision,
            "repository": {"id": 7, "full_name": repository},
            "pusher": {"name": "ann"},
            "forced": False,
            "deleted": False,
            "head_commit": {"id": revision, "message": "Release"},
        }
        return json.dumps(told).encode()

    def settled(self, revision: str) -> dict[str, object]:
        """Return the delivery of this revision once it waits and runs no more."""
        late = time.monotonic() + PATIENCE
        while time.monotonic() < late:
            listed = self.world.run("webhook.deliveries").row["deliveries"]
            mine = [one for one in listed if one["after"] == revision]
            if mine and mine[0]["state"] not in {"waiting", "running"}:
                return dict(mine[0])
            time.sleep(0.3)
        raise AssertionError((self.world.project / "logs/webhook.log").read_text())

    def config(self) -> dict[str, object]:
        """Return what the receiver says of itself."""
        return dict(json.loads((self.world.project / ".deploy/webhook.json").read_text()))


def with_secret(world: World) -> None:
    """Put the secret into the app's `.env`."""
    env = world.project / ".env"
    env.write_text(world.machine.env_text() + f"WEBHOOK_SECRET={SECRET}\n")


def end(world: World) -> None:
    """End what the tests started, and take the secret away again."""
    file = world.project / ".deploy/webhook/keeper.pid"
    if file.exists():
        processes.end([int(file.read_text().split()[0])])
    if "manager-webhook" in world.machine.pm2("-s", "jlist"):
        world.machine.pm2("delete", "manager-webhook")
    config = world.project / ".deploy/webhook.json"
    if config.exists():
        processes.end([int(json.loads(config.read_text()).get("pid", 0)) or 2**30])
    world.machine.write_env()


@pytest.fixture
def here(world: World) -> Iterator[Hooked]:
    """Yield a world with a secret and a port, in which no receiver was installed yet."""
    port = free_port()
    with_secret(world)
    with world.settings(webhook={"port": port}):
        yield Hooked(world, port)
    end(world)


@pytest.mark.parametrize("door", ["inv"], indirect=True)
def test_a_push_leads_through_the_installed_receiver_to_the_new_version(here: Hooked):
    world = here.world
    row = world.run("webhook.install").row
    assert (row["status"], row["by"]) == ("success", "pm2")
    again = world.run("webhook.install").row
    assert (again["status"], again["pid"]) == ("unchanged", row["pid"])
    assert world.run("webhook.ping").row["answer"] == 200
    revision = world.release()
    assert here.deliver("push", here.push(revision), secret="x" * 64) == 401
    assert here.deliver("push", here.push(revision)) == 202
    assert here.settled(revision)["state"] == "done"
    assert world.serves(revision)
    [last] = world.run("deploy.history", "--lines", "1").row["entries"]
    assert (last["revision"], last["who"]) == (revision, "webhook:ann")
    assert here.deliver("push", here.push(revision)) == 200  # the same body once more
    row = world.run("webhook.status").row
    assert (row["answers"], row["last_push"]["state"]) == (True, "done")
    log = world.project / "logs/webhook.log"
    assert [json.loads(line) for line in log.read_text().splitlines()]
    assert_comes_back(here)
    dump = (world.machine.pm2_home / "dump.pm2").read_text()
    assert "manager-webhook" in dump  # so does a reboot
    assert SECRET not in dump


def assert_comes_back(here: Hooked) -> None:
    """Insist that a receiver that is killed is started again."""
    pid = int(str(here.config()["pid"]))
    processes.end([pid], grace=0)
    late = time.monotonic() + PATIENCE
    while here.config()["pid"] == pid or fetch(f"http://127.0.0.1:{here.port}/health")[0] != 200:
        assert time.monotonic() < late
        time.sleep(0.1)


@pytest.mark.parametrize("door", ["inv"], indirect=True)
def test_without_pm2_a_shell_keeps_the_receiver_up_and_cron_starts_that(here: Hooked):
    world = here.world
    world.crontab.write_text("0 3 * * * backup-my-mail\n")
    row = world.run("webhook.install", "--without-pm2").row
    assert (row["status"], row["by"]) == ("success", "cron")
    assert world.run("webhook.install", "--without-pm2").row["status"] == "unchanged"
    mail, line = world.crontab.read_text().splitlines()
    assert mail == "0 3 * * * backup-my-mail"
    assert re.fullmatch(r"@reboot /bin/bash '.*/\.deploy/webhook/keep\.sh' .*", line)
    assert "manager-webhook" not in world.machine.pm2("-s", "jlist")
    assert_comes_back(here)
    assert world.run("webhook.status").row["by"] == "cron"
    assert world.run("webhook.install").row["by"] == "pm2"
    assert "keep.sh" not in world.crontab.read_text()
    assert [app["name"] for app in world.machine.apps()].count("manager-webhook") == 1
