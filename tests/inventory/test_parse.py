from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.parse import Inventory, parse_inventory
from mantodeus_ops.inventory.settings import KEYS

BASE = """
[defaults]
address = "10.0.0.1"
project_dir = "/srv/app"
app = "app"
health_url = "http://localhost:3000/"
"""
FLEET = (
    BASE
    + """
[groups.all]
hosts = ["web", "db"]
keep_backups = 9
branch = "all"

[groups.web]
hosts = ["web1", "web2"]
branch = "web"

[groups.db]
hosts = ["db1"]

[hosts.web1]
[hosts.web2]
branch = "own"
address = "web2.example.com"
[hosts.db1]
"""
)


def parsed(text: str) -> Inventory:
    return parse_inventory(text, "hosts.toml")


def refusal(text: str) -> str:
    with pytest.raises(InventoryError) as refused:
        parsed(text)
    assert refused.value.hint == "${EDITOR:-vi} hosts.toml"
    return refused.value.message


def test_a_later_table_wins_defaults_then_groups_in_file_order_then_the_host():
    hosts = parsed(FLEET).hosts
    assert [hosts[name].app.branch for name in ("web1", "web2", "db1")] == ["web", "own", "all"]
    assert {spec.app.keep_backups for spec in hosts.values()} == {9}
    assert [spec.address for spec in hosts.values()] == ["10.0.0.1", "web2.example.com", "10.0.0.1"]


def test_a_group_holds_the_hosts_of_the_groups_it_names():
    assert parsed(FLEET).groups == {
        "all": ("web1", "web2", "db1"),
        "web": ("web1", "web2"),
        "db": ("db1",),
    }


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["db1", "web"], ["db1", "web1", "web2"]),
        (["web2", "all", "web2"], ["web2", "web1", "db1"]),
        ([], []),
    ],
)
def test_selection_holds_each_host_once_in_the_order_first_mentioned(names, expected):
    assert [spec.name for spec in parsed(FLEET).select(names)] == expected


def test_an_unknown_name_is_refused_with_the_nearest_and_all_known():
    with pytest.raises(InventoryError) as refused:
        parsed(FLEET).select(["web1", "wbe2"])
    assert "'wbe2'; the nearest name is 'web2'" in refused.value.message
    assert "hosts: web1, web2, db1; groups: all, web, db" in refused.value.message
    assert refused.value.hint == "fab -H web2 status"


@pytest.mark.parametrize(
    "address", ["user@1.2.3.4:22", "10.0.0.7", "web2.example.com", "u:hunter2@h", "::1"]
)
def test_a_raw_address_is_refused_because_it_has_no_pinned_key(address):
    with pytest.raises(InventoryError, match="no pinned key") as refused:
        parsed(FLEET).select([address])
    assert "hunter2" not in refused.value.message


def test_the_address_of_an_entry_leads_to_its_name():
    with pytest.raises(InventoryError) as refused:
        parsed(FLEET).select(["deploy@web2.example.com"])
    assert refused.value.hint == "fab -H web2 status"


def test_this_machine_is_the_override_then_local_then_the_only_entry():
    fleet = parsed('local = "db1"\n' + FLEET)
    assert fleet.local_host().name == "db1"
    assert fleet.local_host("web1").name == "web1"
    assert parsed(BASE + "[hosts.one]").local_host().name == "one"


@pytest.mark.parametrize(("override", "reason"), [("", "no entry is marked"), ("wbe1", "'wbe1'")])
def test_without_an_answer_which_machine_this_is_all_entries_are_named(override, reason):
    with pytest.raises(InventoryError, match=reason) as refused:
        parsed(FLEET).local_host(override)
    assert "hosts: web1, web2, db1" in refused.value.message
    assert refused.value.hint.startswith("OPS_LOCAL=")


@pytest.mark.parametrize(
    "text",
    [
        "health.retries = 2\nhooks.before_build = 'x'",
        "health = {retries = 2}\nhooks = {before_build = ['x']}",
        "[hosts.a.health]\nretries = 2\n[hosts.a.hooks]\nbefore_build = 'x'",
    ],
)
def test_health_and_hooks_may_be_written_in_every_way_of_toml(text):
    app = parsed(f"{BASE}health.wait = 1\n[hosts.a]\n{text}").hosts["a"].app
    assert (app.health.wait, app.health.retries, app.health.delay) == (1.0, 2, 3.0)
    assert app.hooks == {"before_build": ("x",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "hosts: missing; describe a host"),
        ("a = \n", "line 1: Invalid value"),
        ('\n\nx = "abc\n', "line 3: "),
        ('[hosts.a]\nx = """\n\n', "line 3: Unterminated string"),
        ("a = " + "9" * 5000, "a number is too long"),
        ("a = " + "[" * 5000, "nested too deep"),
        ("[hosts.a]\nport = 0x" + "F" * 9999, "[hosts.a] port: must be a whole number from 1"),
        ("[host.a]", "host: unknown key; the nearest is 'hosts'"),
        ("hosts = 3", "hosts: must be a table, not a whole number"),
        ("[hosts]\nweb = 3", "hosts: web: must be a table"),
        ("[hosts.a.example.com]", "[hosts.a] example: unknown key"),
        ("[hosts.a.example.com]", "a name with dots must be quoted"),
        ("[hosts.a]\nNODE_ENV = 'x'", "[hosts.a] NODE_ENV: unknown key; the nearest is '"),
        ("[hosts.'a.b']\nport = 0", "[hosts.'a.b'] port: must be a whole number from 1 to 65535"),
        ("[defaults]\nbranch = 1\n[hosts.a]", "[defaults] branch: must be a string"),
        ("[groups.g]\nbranch = 'x'\n[hosts.a]", "[groups.g] hosts: missing"),
        ("[groups.g]\nhosts = []\n[hosts.a]", "[groups.g] hosts: must not be an empty list"),
        ("[groups.g]\nhosts = ['b']\n[hosts.a]", "[groups.g] hosts: item 1: no entry is named 'b'"),
        ("[groups.g]\nhosts = ['g']\n[hosts.a]", "[groups.g] hosts: a cycle, g -> g"),
        ("[groups.a]\nhosts = ['a']\n[hosts.a]", "[groups.a]: a host also has this name"),
        ("[hosts.a]\ngateway = 'b'", "[hosts.a] gateway: no entry is named 'b'"),
        ("[hosts.a]\ngateway = 'a'", "[hosts.a] gateway: a cycle, a -> a"),
        (
            "[hosts.a]\ngateway = 'b'\n[hosts.b]\naddress = 'local'",
            "[hosts.a] gateway: 'b' is this machine",
        ),
        ("local = 'b'\n[hosts.a]", "local: no entry is named 'b'; the nearest is 'a'"),
        ("[hosts.a]\naddress = 'h'", "[hosts.a] project_dir: missing; set it here"),
        (
            BASE + "[hosts.a]\nbackup_dir = 'dist/x'",
            "[hosts.a] backup_dir: must not overlap 'dist'",
        ),
    ],
)
def test_a_wrong_inventory_is_refused_naming_file_table_and_key(text, message):
    found = refusal(text)
    assert found.startswith("hosts.toml: ")
    assert message in found


def test_longer_cycles_are_shown_in_the_direction_of_their_arrows():
    text = "".join(f"[groups.{a}]\nhosts = ['{b}', 'h']\n" for a, b in ("xy", "yz", "zx"))
    arrows = re.search(r"a cycle, (.*)$", refusal(text + "[hosts.h]"))
    assert arrows is not None
    assert arrows[1] in {"x -> y -> z -> x", "y -> z -> x -> y", "z -> x -> y -> z"}


@pytest.mark.parametrize("name", ["-a", "a,b", "a b", "a@b", "a:b", "a/b", "", "a\tb", "a\u200bb"])
@pytest.mark.parametrize("kind", ["hosts", "groups"])
def test_a_name_that_a_command_line_could_misread_is_refused(kind, name):
    assert refusal(f"[{kind}.{json.dumps(name)}]").startswith(f"hosts.toml: {kind}: ")


def test_a_gateway_is_another_entry_and_an_empty_one_unsets_the_default():
    fleet = parsed(BASE + "gateway = 'jump'\n[hosts.jump]\ngateway = ''\n[hosts.a]")
    assert (fleet.hosts["a"].gateway, fleet.hosts["jump"].gateway) == ("jump", "")


def test_a_thousand_groups_in_a_row_are_no_deeper_than_one():
    chain = "".join(f"[groups.g{n}]\nhosts = ['g{n + 1}']\n" for n in range(1000))
    fleet = parsed(BASE + chain + "[groups.g1000]\nhosts = ['a']\n[hosts.a]")
    assert fleet.groups["g0"] == ("a",)


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["a", "local", "/x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)
TABLES = st.dictionaries(
    st.sampled_from([*KEYS, "hosts", "health"]) | st.text(), VALUES, max_size=4
)
NAMED = st.dictionaries(st.sampled_from(["a", "b", "c"]) | st.text(), TABLES | VALUES, max_size=3)
DOCUMENTS = st.fixed_dictionaries(
    {"hosts": NAMED | VALUES},
    optional={"local": VALUES, "defaults": TABLES | VALUES, "groups": NAMED | VALUES, "x": VALUES},
)


def toml(value: object) -> str:
    """Return a value as TOML has it inline."""
    if isinstance(value, dict):
        pairs = (f"{toml(key)} = {toml(inner)}" for key, inner in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return repr(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def assert_parsed_or_refused(text: str) -> None:
    try:
        found = parsed(text)
    except InventoryError as error:
        found, refused = None, error.message
    assert found.hosts if found else refused.startswith("hosts.toml: ")


@given(DOCUMENTS)
def test_any_document_is_parsed_or_refused_with_an_inventory_error(document):
    assert_parsed_or_refused("\n".join(f"{key} = {toml(value)}" for key, value in document.items()))


@given(st.text() | st.text(alphabet="[]{}=.\"'#\n ab19-"))
def test_any_text_is_parsed_or_refused_with_an_inventory_error(text):
    assert_parsed_or_refused(text)


@given(st.sampled_from(sorted(KEYS)), VALUES)
def test_any_value_of_any_key_is_parsed_or_refused_with_an_inventory_error(key, value):
    assert_parsed_or_refused(f"{BASE}[hosts.a]\n{key} = {toml(value)}")
