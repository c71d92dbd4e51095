from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from pathlib import PurePosixPath

import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.settings import (
    KEYS,
    App,
    HealthPolicy,
    HostSpec,
    at,
    host_spec,
    read_settings,
    read_value,
    shown,
)
from mantodeus_ops.inventory.webhook_settings import Webhook

APP = App(project_dir=PurePosixPath("/srv/app"), name="app", health_url="http://h/?t={timestamp}")
LEAST = {"address": "h", "project_dir": APP.project_dir, "app": "app", "health_url": APP.health_url}


def test_defaults_follow_the_source_document():
    assert APP.branch == "main"
    assert APP.backup_paths == ()
    assert (APP.keep_backups, APP.min_free_disk, APP.batch) == (5, 10**9, "1")
    assert HealthPolicy(wait=3.0, retries=5, delay=3.0) == APP.health


def test_an_app_of_which_only_the_least_is_said_has_no_name_of_a_repository_or_secret_place():
    assert (APP.repository, APP.offsite, APP.offsite_env, APP.hooks) == ("", "", "", {})
    assert APP.webhook == Webhook()


def test_settings_cannot_be_changed_in_passing():
    with pytest.raises(FrozenInstanceError):
        APP.branch = "other"


def test_only_the_address_local_is_this_machine():
    assert HostSpec("a", "local", app=APP).is_local
    assert not HostSpec("local", "localhost", app=APP).is_local


def test_the_least_settings_make_a_host_with_all_defaults():
    assert host_spec("a", LEAST) == HostSpec("a", "h", app=APP)


def test_dotted_settings_land_in_their_own_places():
    more = {
        "webhook.port": 9100,
        "health.retries": 9,
        "hooks.after_build": ("x",),
        "hooks.on_failure": (),
        "port": 7,
    }
    spec = host_spec("a", LEAST | more)
    assert spec.app.health == HealthPolicy(retries=9)
    assert spec.app.hooks == {"after_build": ("x",)}
    assert spec.port == 7
    assert spec.app.webhook == Webhook(port=9100)


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("app", ["a", "A-b_c.9", "v2"], ["", "a b", "a/b", "-a", "all", "0", "17", "a\n"]),
        (
            "branch",
            ["main", "feature/x-1", "v1.2"],
            ["", "-x", "a b", "a..b", "a//b", "/a", "a/", "a.", "a.lock", "a~1", "a@{1}", ".a"],
        ),
        ("user", ["", "deploy", "u123", "a@example.com"], ["-x", "a b", "a;b", "a:b"]),
        ("required_env", [["A", "_b1"]], [["1A"], ["A B"], ["A=b"], [""], "A"]),
        ("port", [1, 65535], [0, 65536, -1, "22"]),
        ("health.retries", [0, 1000], [-1, 1001, 1.5]),
        ("keep_backups", [1, 10_000], [0, -1, 10_001]),
        ("hooks.before_build", ["x", ["x", "y"]], [[1], {"a": 1}]),
        ("health_url", ["", "http://localhost:3000/"], ["localhost:3000"]),
        ("public_url", ["", "https://h/"], ["h"]),
        ("ecosystem", ["", "ecosystem.config.cjs"], ["/etc/x", "../x"]),
        ("pm2_env", ["", "production", "eu-1"], ["a b", "$X", 1, "--x y"]),
        (
            "pm2_name",
            ["", "shop", "{name}-two", "a.{name}"],
            ["a b", "-a", "all", "7", "{app}", "{"],
        ),
        ("offsite", ["", "restic:/srv/repo"], ["restic", "/srv/repo", 1]),
        ("offsite_env", ["", "offsite.env"], ["/etc/x", "../x", ".git/x"]),
        ("webhook.port", [1, 65535], [0, 65536, "9000"]),
        ("webhook.bind", ["127.0.0.1", "0.0.0.0", "::1"], ["", "localhost", "127.0.0.1:80", 1]),  # noqa: S104 - a value to read
        ("webhook.path", ["/", "/webhook", "/a/b-c"], ["", "webhook", "/health", "/a b", "/a?b"]),
        ("webhook.url", ["", "https://h/webhook"], ["h", "https://u:p@h/"]),
        ("webhook.repository_id", [0, 2**63 - 1], [-1, "1", 2**63]),
    ],
)
def test_each_key_takes_what_is_possible_and_nothing_else(key, good, bad):
    for value in good:
        read_value("[hosts.a]", key, value, KEYS)
    for value in bad:
        with pytest.raises(InventoryError, match=r"^\[hosts\.a\] "):
            read_value("[hosts.a]", key, value, KEYS)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"portt": 22}, "[t] portt: unknown key; the nearest is 'port'"),
        ({"health": {"wiat": 1}}, "[t] health.wiat: unknown key; the nearest is 'health.wait'"),
        ({"hooks": ["x"]}, "[t] hooks: must be a table, not a list"),
        ({"a\nb": 1}, "[t] 'a\\nb': unknown key; the nearest is 'app'"),
    ],
)
def test_a_wrong_key_is_named_with_its_table_and_the_nearest_right_one(raw, message):
    with pytest.raises(InventoryError) as refused:
        read_settings("[t]", raw, KEYS)
    assert refused.value.message == message


def test_a_table_that_holds_nothing_is_no_error():
    assert read_settings("[t]", {"health": {}, "hooks": {}}, KEYS) == {}


def test_places_stand_in_front_of_the_complaint():
    with pytest.raises(InventoryError, match=r"^table key: no$"), at("table", "", "key"):
        raise InventoryError("no")


@pytest.mark.parametrize(
    ("reach", "typed"),
    [
        ({}, "ssh h cat '/srv/a b'"),
        ({"user": "me", "port": 2222}, "ssh -p 2222 me@h cat '/srv/a b'"),
    ],
)
def test_without_this_tool_a_person_gets_there_over_plain_ssh(reach, typed):
    assert HostSpec("web", "h", app=APP, **reach).ssh_command("cat", "/srv/a b") == typed


def test_a_name_is_shown_as_toml_would_have_it():
    assert (shown("web-1"), shown("web.1")) == ("web-1", "'web.1'")


def test_the_name_in_pm2_is_that_of_the_file_unless_another_one_is_given():
    names = ("", "shop", "{name}-two")
    assert [replace(APP, pm2_name=name).process_name for name in names] == [
        "app",
        "shop",
        "app-two",
    ]
