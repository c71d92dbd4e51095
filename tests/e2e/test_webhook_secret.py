"""The secret is replaced without a delivery being refused; a host that cannot listen polls."""

from __future__ import annotations

import re

import pytest

from tests.e2e.hooked import SECRET, Hooked

PING = b'{"zen": "%d"}'


@pytest.mark.parametrize("door", ["inv"], indirect=True)
def test_a_secret_is_replaced_while_the_receiver_runs(github: Hooked):
    world = github.world
    world.run("webhook.install")
    before = github.env()
    refused = world.run("webhook.secret", code=2)
    assert "on a terminal only" in refused.error
    assert github.env() == before
    seen = github.on_terminal("webhook.secret")
    [new] = re.findall(r"[0-9a-f]{64}", seen)
    assert f"WEBHOOK_SECRET={new}\n" in github.env()
    assert f"WEBHOOK_SECRET_OLD={SECRET}\n" in github.env()
    assert [github.deliver("ping", PING % at, key) for at, key in enumerate((SECRET, new))] == [
        200,
        200,
    ]
    assert world.run("webhook.ping").row["answer"] == 200
    checked = world.run("env.check", code=7)
    assert "has not seen" not in str(checked.row["findings"])
    assert "--finish" in str(github.status()["findings"])
    assert world.run("webhook.secret", "--finish", code=1).row["error"].startswith("Does GitHub")
    world.run("webhook.secret", "--finish", "--yes")
    assert SECRET not in github.env()
    assert github.deliver("ping", PING % 2, SECRET) == 401
    assert github.deliver("ping", PING % 3, new) == 200
    world.run("webhook.secret", "--finish", "--yes")


@pytest.mark.parametrize("door", ["inv"], indirect=True)
def test_a_poll_deploys_what_is_new_and_says_nothing_else(github: Hooked):
    world = github.world
    revision = world.release()
    row = world.run("webhook.poll").row
    assert (row["status"], row["revision"]) == ("success", revision)
    assert world.serves(revision)
    quiet = world.box.inv("webhook.poll")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    world.release(start="die")
    world.run("webhook.poll", code=1)
    quiet = world.box.inv("webhook.poll")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert world.serves(revision)
    assert "was tried and failed" in world.run("webhook.poll").row["reason"]
