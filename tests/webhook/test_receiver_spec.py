"""How PM2 runs the receiver, and whether the one that runs is the one that is wanted."""

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.inventory.settings import App
from mantodeus_ops.inventory.webhook_settings import Webhook
from mantodeus_ops.webhook.github_events import Expected
from mantodeus_ops.webhook.receiver_spec import (
    expected_of,
    is_as_wanted,
    kept_by,
    pm2_entry,
    receiver_digest,
)
from mantodeus_ops.webhook.self_install_plan import InstalledTool

APP = App(project_dir=PurePosixPath("/srv/app"), name="app", health_url="http://h/")
TOOL = InstalledTool("/v/bin/python", "/code", "/i/hosts.toml", "here", "d" * 64)
SEEN = {
    "installed": {"digest": "d"},
    "listener": {"ours": True, "pid": 7},
    "health": {"status": 200},
    "pm2": {"status": "online"},
    "supervisor": {"alive": True},
    "cron": True,
}


def test_a_deploy_that_it_began_outlives_the_receiver_and_no_module_of_the_app_gets_into_it():
    entry = pm2_entry(APP, TOOL, "/srv/app/.deploy/webhook")
    assert entry == {
        "name": "app-webhook",
        "script": "/v/bin/python",
        "args": ["-m", "mantodeus_ops", "webhook.serve"],
        "interpreter": "none",
        "cwd": "/srv/app/.deploy/webhook",
        "env": TOOL.env(),
        "exec_mode": "fork",
        "treekill": False,
        "kill_timeout": 3000,
        "max_memory_restart": "150M",
        "exp_backoff_restart_delay": 200,
        "out_file": "/srv/app/.deploy/webhook/out.log",
        "error_file": "/srv/app/.deploy/webhook/out.log",
        "merge_logs": True,
    }
    assert entry["env"]["PYTHONSAFEPATH"] == "1"
    assert not any("SECRET" in name for name in entry["env"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"repository": "git@github.com:me/app.git"}, Expected("me/app", 0, "main")),
        ({"webhook": Webhook(repository_id=7), "branch": "next"}, Expected("", 7, "next")),
        (
            {"repository": "me/app", "webhook": Webhook(repository_id=7)},
            Expected("me/app", 7, "main"),
        ),
    ],
)
def test_a_push_must_be_of_the_repository_by_its_name_or_its_number(changes, expected):
    assert expected_of(replace(APP, **changes)) == expected


def test_a_receiver_that_would_take_every_repository_s_pushes_is_refused():
    with pytest.raises(PreflightError) as refused:
        expected_of(APP)
    assert refused.value.message == "nothing says which repository may deploy here"
    assert refused.value.hint == "set repository, or webhook.repository_id, in the inventory"


@pytest.mark.parametrize(
    "change",
    [
        {"tool": replace(TOOL, digest="e" * 64)},
        {"tool": replace(TOOL, inventory="/other")},
        {"app": replace(APP, webhook=Webhook(port=1))},
        {"app": replace(APP, branch="next")},
        {"app": replace(APP, repository="me/app")},
        {"app": replace(APP, env_file="config/.env")},
        {"by": "cron"},
        {"files": {"pm2.json": "{ }"}},
    ],
)
def test_whatever_it_is_made_of_makes_another_receiver(change):
    known = {"app": APP, "tool": TOOL, "by": "pm2", "files": {"pm2.json": "{}"}}
    assert receiver_digest(**known) != receiver_digest(**{**known, **change})


def test_the_order_of_its_files_makes_no_other_receiver():
    one, other = {"a": "1", "b": "2"}, {"b": "2", "a": "1"}
    assert receiver_digest(APP, TOOL, "pm2", one) == receiver_digest(APP, TOOL, "pm2", other)


@pytest.mark.parametrize(
    ("by", "change", "fits"),
    [
        ("pm2", {}, True),
        ("cron", {}, False),
        ("pm2", {"supervisor": {"alive": False}, "cron": False}, True),
        ("pm2", {"pm2": {"status": "stopped"}}, False),
        ("pm2", {"pm2": None}, False),
        ("cron", {"pm2": None}, True),
        ("cron", {"pm2": None, "cron": False}, False),
        ("cron", {"pm2": None, "supervisor": {"alive": False}}, False),
        ("pm2", {"installed": None}, False),
        ("pm2", {"installed": {"digest": "e"}}, False),
        ("pm2", {"listener": {"stranger": "process 9"}}, False),
        ("pm2", {"listener": {"free": True}}, False),
        ("pm2", {"health": {"status": 503}}, False),
    ],
)
def test_only_what_runs_answers_and_comes_back_is_left_as_it_is(by, change, fits):
    assert is_as_wanted({**SEEN, **change}, "d", by) is fits


@pytest.mark.parametrize(
    ("change", "keeper"),
    [
        ({}, "pm2"),
        ({"pm2": {"status": "stopped"}}, "cron"),
        ({"pm2": None, "cron": False}, "hand"),
        ({"pm2": None, "supervisor": {"alive": False}}, "hand"),
    ],
)
def test_somebody_brings_it_back_or_it_was_started_by_hand(change, keeper):
    assert kept_by({**SEEN, **change}) == keeper
