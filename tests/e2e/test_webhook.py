"""A push to the origin leads, through a signed delivery to an installed receiver, to a live app."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable

import pytest

from tests.e2e.hooked import PATIENCE, SECRET, Hooked

DRIFTED = "another version of this tool"


@pytest.mark.quick
@pytest.mark.parametrize("door", ["inv"], indirect=True)
def test_a_push_leads_through_the_installed_receiver_to_the_new_version(github: Hooked):
    world = github.world
    row = world.run("webhook.install").row
    assert (row["status"], row["by"]) == ("success", "pm2")
    again = world.run("webhook.install").row
    assert (again["status"], again["pid"]) == ("unchanged", row["pid"])
    assert world.run("webhook.ping").row["answer"] == 200
    revision = world.release()
    assert github.deliver("push", github.push(revision), secret="x" * 64) == 401
    assert github.deliver("push", github.push(revision)) == 202
    assert github.settled(revision)["state"] == "done"
    assert world.serves(revision)
    [last] = world.run("deploy.history", "--lines", "1").row["entries"]
    assert (last["revision"], last["who"]) == (revision, "webhook:ann")
    assert github.deliver("push", github.push(revision)) == 200  # the same body once more
    row = world.run("webhook.status").row
    assert (row["answers"], row["last_push"]["state"]) == (True, "done")
    assert DRIFTED not in str(row)
    github.told_of_itself(code="of before")  # as one does that runs since before an update
    assert DRIFTED in str(world.run("webhook.status").row)
    log = world.project / "logs/webhook.log"
    assert [json.loads(line) for line in log.read_text().splitlines()]
    github.comes_back()
    dump = (world.machine.pm2_home / "dump.pm2").read_text()
    assert "manager-webhook" in dump  # so does a reboot
    assert SECRET not in dump
    world.release()  # and GitHub's delivery never comes
    assert "no delivery reported it" in world.run("webhook.status", code=7).error


@pytest.mark.soak
@pytest.mark.parametrize("door", ["inv"], indirect=True)
def test_what_failed_is_red_and_not_tried_again_before_a_person_says_so(github: Hooked):
    world = github.world
    live = world.machine.page()
    world.run("webhook.install")
    bad = world.release(start="die")
    assert github.deliver("push", github.push(bad)) == 202
    failed = github.settled(bad)
    assert failed["state"] == "failed"
    row = world.run("webhook.status", code=7).row
    assert f"the push of {bad[:10]} failed" in row["error"]
    assert row["hint"].startswith(f"inv webhook.redeliver {str(failed['id'])[:8]}")
    time.sleep(5)
    assert github.settled(bad)["run"] == failed["run"]
    world.run("webhook.redeliver", str(failed["id"])[:8])
    again = github.settled(bad)
    assert (again["state"], again["run"] != failed["run"]) == ("failed", True)
    assert world.serves(live)


@pytest.mark.parametrize("door", ["inv"], indirect=True)
def test_without_pm2_a_shell_keeps_the_receiver_up_and_cron_starts_that(github: Hooked):
    world = github.world
    world.crontab.write_text("0 3 * * * backup-my-mail\n")
    row = world.run("webhook.install", "--without-pm2").row
    assert (row["status"], row["by"]) == ("success", "cron")
    assert world.run("webhook.install", "--without-pm2").row["status"] == "unchanged"
    mail, line = world.crontab.read_text().splitlines()
    assert mail == "0 3 * * * backup-my-mail"
    assert re.fullmatch(r"@reboot /bin/bash '.*/\.deploy/webhook/keep\.sh' .*", line)
    assert "manager-webhook" not in world.machine.pm2("-s", "jlist")
    github.comes_back()
    assert github.status()["by"] == "cron"
    assert world.run("webhook.install").row["by"] == "pm2"
    assert "keep.sh" not in world.crontab.read_text()
    assert [app["name"] for app in world.machine.apps()].count("manager-webhook") == 1


@pytest.mark.soak
@pytest.mark.parametrize("door", ["fab"], indirect=True)
def test_over_ssh_the_tool_itself_goes_to_the_host_first(github: Hooked):
    world = github.world
    plan = world.run("webhook.install", "--dry-run")
    assert "pip install" in plan.err
    assert not (world.project / ".deploy/webhook").exists()
    row = world.run("webhook.install", timeout=600).row
    assert row["python"].startswith(f"{world.project}/.deploy/webhook/venv-")
    assert [step["name"] for step in row["steps"]] == ["packages", "tool", "receiver"]
    again = world.run("webhook.install").row
    assert (again["status"], again["pid"]) == ("unchanged", row["pid"])
    assert world.run("webhook.ping").row["answer"] == 200
    assert "another version" not in str(github.status()["findings"])
    with world.settings(branch="next"):
        assert "another version" in str(github.status()["findings"])
    revision = world.release()
    assert github.deliver("push", github.push(revision)) == 202
    assert github.settled(revision)["state"] == "done"
    assert world.serves(revision)
    assert (
        github.settled(revision)["id"] == world.run("webhook.deliveries").row["deliveries"][0]["id"]
    )


@pytest.mark.soak
@pytest.mark.parametrize("door", ["fab"], indirect=True)
def test_an_install_that_was_cut_off_is_gone_on_with(github: Hooked):
    world = github.world
    cut = world.spawn("webhook.install")
    home = world.project / ".deploy/webhook"
    wait_for(lambda: any(home.glob("venv-*/bin/python")))
    cut.kill()
    assert not list(home.glob("venv-*/complete"))
    row = world.run("webhook.install", "--wait", "300", timeout=600).row
    assert row["status"] == "success"
    assert len(list(home.glob("venv-*"))) == 1
    assert github.answers()


def wait_for(what: Callable[[], bool]) -> None:
    """Return when this is true."""
    late = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < late
        time.sleep(0.02)
