"""A push to the origin leads, through a signed delivery to an installed receiver, to a live app."""

from __future__ import annotations

import json
import re

import pytest

from tests.e2e.hooked import SECRET, Hooked


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
    log = world.project / "logs/webhook.log"
    assert [json.loads(line) for line in log.read_text().splitlines()]
    github.comes_back()
    dump = (world.machine.pm2_home / "dump.pm2").read_text()
    assert "manager-webhook" in dump  # so does a reboot
    assert SECRET not in dump


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
    assert world.run("webhook.status").row["by"] == "cron"
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
    assert world.run("webhook.status").row["findings"] == []
    with world.settings(branch="next"):
        assert "another version" in str(world.run("webhook.status").row["findings"])
    revision = world.release()
    assert github.deliver("push", github.push(revision)) == 202
    assert github.settled(revision)["state"] == "done"
    assert world.serves(revision)
    assert (
        github.settled(revision)["id"] == world.run("webhook.deliveries").row["deliveries"][0]["id"]
    )
