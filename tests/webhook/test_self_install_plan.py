"""Which Python carries the tool on a host, and the inventory that it has there."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.inventory.parse import parse_inventory
from mantodeus_ops.inventory.settings import HostSpec, host_spec, read_settings
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.webhook.self_install_plan import (
    InstalledTool,
    choose_python,
    host_inventory,
    runtime_requirements,
    tool_name,
    venv_commands,
    venv_name,
)

NEEDS = "a receiver needs Python 3.11 or newer"
LEAST = {
    "address": "h",
    "project_dir": '/srv/it\'s "here"',
    "app": "app",
    "health_url": "http://h/?t={timestamp}",
}
SETTINGS = {
    "branch": ["main", "feature/x"],
    "repository": ["", "git@github.com:a/b.git"],
    "health": [{"wait": 1.5}, {"retries": 9, "body": '"ok":\\s*true'}],
    "hooks": [{}, {"before_build": 'echo "a\tb"\nls'}, {"on_failure": ["a", "b c"]}],
    "path": [[], ["/opt/node/bin", "~/bin"]],
    "pm2": ["", "npx pm2"],
    "min_free_disk": ["2GB", 5],
    "boot_test": [True, False],
    "batch": ["25%", 3],
    "notify_urls": [[], ["file:~/x"]],
    "webhook": [{}, {"port": 9100, "bind": "::1", "path": "/hook", "repository_id": 7}],
    "build_command": ["", "npm run ünïcode && \\\n echo 'x'"],
    "backup_paths": [["dist"], ["dist", ".env"]],
    "identity_file": ["", "id"],
    "port": [22, 2222],
}


def spec_of(settings: dict[str, object], name: str = "web 1") -> HostSpec:
    """Return the host of these settings."""
    keys = json.loads(json.dumps(settings))
    from mantodeus_ops.inventory.settings import KEYS  # noqa: PLC0415 - the table is only data here

    return host_spec(name, read_settings("[t]", {**LEAST, **keys}, KEYS))


@given(st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in SETTINGS.items()}))
def test_the_inventory_on_the_host_says_of_the_app_what_ours_says(settings):
    spec = spec_of(settings, "web-1")
    there = parse_inventory(host_inventory(spec), "hosts.toml")
    assert there.local == "web-1"
    assert there.hosts["web-1"].app == spec.app
    assert there.local_host().is_local


def test_a_name_with_a_character_that_toml_does_not_know_bare_is_escaped():
    text = host_inventory(spec_of({"build_command": "a"}, "w\x7fé"))
    assert '\nlocal = "w\\u007fé"\n\n[hosts."w\\u007fé"]\naddress = "local"\n' in text
    assert text.startswith("# Written by webhook.install: ")
    assert text.endswith("\n")


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ([["yes", "/usr/bin/python3.12", "3.12.1"]], "/usr/bin/python3.12"),
        ([["bare", "/a/python3.13", "3.13"], ["yes", "/b/python3.11", "3.11"]], "/b/python3.11"),
        ([["yes", "/a/python3.13", "3.13"], ["yes", "/b/python3.11", "3.11"]], "/a/python3.13"),
    ],
)
def test_the_first_python_that_can_carry_it_is_taken(found, chosen):
    assert choose_python(found, "web")[0] == chosen


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([], f"{NEEDS}, and there is none"),
        (
            [["old", "/usr/bin/python3", "3.9.2"], ["old", "/b/python3", "3.8"]],
            f"{NEEDS}, and there is only /usr/bin/python3 3.9.2",
        ),
        (
            [["old", "/usr/bin/python3", "3.9"], ["bare", "/usr/bin/python3.11", "3.11.2"]],
            "/usr/bin/python3.11 (3.11.2) lacks venv, which Debian has in python3-venv",
        ),
    ],
)
def test_a_host_without_such_a_python_is_refused_with_the_way_that_needs_none(found, why):
    with pytest.raises(PreflightError) as refused:
        choose_python(found, "web")
    assert refused.value.message == f"web: {why}"
    assert refused.value.hint == "webhook.poll  # from cron, here or there: needs none"


def test_requirements_of_extras_are_left_out():
    assert runtime_requirements(["a>=1", 'b; extra == "x"', "c; python_version<'3'"]) == (
        "a>=1",
        "c; python_version<'3'",
    )


def test_an_environment_is_another_one_with_another_python_or_package_and_code_with_other_code():
    names = {venv_name("3.11", ["a"]), venv_name("3.12", ["a"]), venv_name("3.11", ["a", "b"])}
    assert len(names) == 3
    assert venv_name("3.11", ["a"]) in names
    assert tool_name("0123456789abcdef" * 4) == "tool-0123456789ab"
    assert {len(name) for name in names} == {len("venv-") + 12}
    assert all(name.startswith("venv-") for name in names)


def test_an_environment_counts_when_all_of_it_is_there():
    pip = ("/x/venv-1/bin/python", "-m", "pip", "install", "--quiet", "--no-input")
    assert venv_commands("/usr/bin/python3", "/x/venv-1", ["a>=1,<2", "b"]) == (
        Command(("rm", "-rf", "--", "/x/venv-1")),
        Command(("/usr/bin/python3", "-m", "venv", "/x/venv-1"), timeout_seconds=900),
        Command((*pip, "--disable-pip-version-check", "a>=1,<2", "b"), timeout_seconds=900),
        Command(("touch", "/x/venv-1/complete")),
    )


def test_the_tool_is_started_with_its_own_code_and_nothing_of_the_folder_that_it_runs_in():
    assert InstalledTool("/v/bin/python", "/code", "/i/hosts.toml", "web", "d" * 64).env() == {
        "PYTHONPATH": "/code",
        "PYTHONSAFEPATH": "1",
        "OPS_INVENTORY": "/i/hosts.toml",
        "OPS_LOCAL": "web",
    }


def test_tables_of_the_health_check_are_written_as_tables():
    settings = {
        "health.headers": {"X-Forwarded-Proto": "https"},
        "health.json": {"status": "ok", "db.up": True},
    }
    spec = spec_of(settings, "web-1")
    there = parse_inventory(host_inventory(spec), "hosts.toml")
    assert there.hosts["web-1"].app == spec.app
