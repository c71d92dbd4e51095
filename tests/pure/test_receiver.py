"""How PM2 runs the receiver, and whether the one that runs is the one that is wanted."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from fabfile.pure.receiver import is_as_wanted, pm2_entry, receiver_digest
from fabfile.pure.settings import App
from fabfile.pure.tool import Tool
from fabfile.pure.webhook import Webhook

APP = App(project_dir=PurePosixPath("/srv/app"), name="app", health_url="http://h/")
TOOL = Tool("/v/bin/python", "/code", "/i/hosts.toml", "here", "d" * 64)
SEEN = {
    "installed": {"digest": "d"},
    "listener": {"ours": True, "pid": 7},
    "health": {"status": 200},
    "pm2": {"status": "online"},
    "keeper": {"alive": True},
    "cron": True,
}


def test_a_deploy_that_it_began_outlives_the_receiver_and_no_module_of_the_app_gets_into_it():
    entry = pm2_entry(APP, TOOL, "/srv/app/.deploy/webhook")
    assert entry["name"] == "app-webhook"
    assert entry["treekill"] is False
    assert entry["env"]["PYTHONSAFEPATH"] == "1"
    assert (entry["script"], *entry["args"]) == (TOOL.python, "-m", "fabfile", "webhook.serve")
    assert not any("SECRET" in name for name in entry["env"])


@pytest.mark.parametrize(
    "change",
    [
        {"tool": replace(TOOL, digest="e" * 64)},
        {"tool": replace(TOOL, inventory="/other")},
        {"app": replace(APP, webhook=Webhook(port=1))},
        {"app": replace(APP, branch="next")},
        {"by": "cron"},
        {"files": {"pm2.json": "{ }"}},
    ],
)
def test_whatever_it_is_made_of_makes_another_receiver(change):
    known = {"app": APP, "tool": TOOL, "by": "pm2", "files": {"pm2.json": "{}"}}
    assert receiver_digest(**known) != receiver_digest(**{**known, **change})


@pytest.mark.parametrize(
    ("by", "change", "fits"),
    [
        ("pm2", {}, True),
        ("cron", {}, False),
        ("pm2", {"keeper": {"alive": False}, "cron": False}, True),
        ("pm2", {"pm2": {"status": "stopped"}}, False),
        ("pm2", {"pm2": None}, False),
        ("cron", {"pm2": None}, True),
        ("cron", {"pm2": None, "cron": False}, False),
        ("cron", {"pm2": None, "keeper": {"alive": False}}, False),
        ("pm2", {"installed": None}, False),
        ("pm2", {"installed": {"digest": "e"}}, False),
        ("pm2", {"listener": {"stranger": "process 9"}}, False),
        ("pm2", {"listener": {"nobody": True}}, False),
        ("pm2", {"health": {"status": 503}}, False),
    ],
)
def test_only_what_runs_answers_and_comes_back_is_left_as_it_is(by, change, fits):
    assert is_as_wanted({**SEEN, **change}, "d", by) is fits
