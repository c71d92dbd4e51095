"""What is said of a name or a file that cannot be used, word for word."""

from __future__ import annotations

import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.parse import parse_inventory

BASE = """
[defaults]
project_dir = "/srv/app"
app = "app"
health_url = "http://localhost:3000/"
"""


def refusal(text: str, *names: str) -> tuple[str, str]:
    """Return what is said of this text, or of these names in it, and what to type."""
    with pytest.raises(InventoryError) as refused:
        parse_inventory(text, "hosts.toml").select(names)
    return refused.value.message, refused.value.hint


def hosts(**addresses: str) -> str:
    """Return an inventory of hosts with these addresses."""
    return BASE + "".join(f"[hosts.{n}]\naddress = '{at}'\n" for n, at in addresses.items())


PINNED = ": use a name of the inventory, as an address has no pinned key"


@pytest.mark.parametrize(
    ("typed", "shown", "entry"),
    [
        ("webb", "'webb'", "web"),
        ("10.0.0.9:22", f"'10.0.0.9:22'{PINNED}", "nine"),
        ("10.0.0.9x:", f"'10.0.0.9x:'{PINNED}", "ninex"),
        ("web-user@h", f"'web-user@h'{PINNED}", "far"),
        ("u:hunter2@h:22", f"'u:***@h:22'{PINNED}", "far"),
    ],
)
def test_an_unknown_name_is_led_to_the_entry_that_has_this_address(typed, shown, entry):
    text = hosts(web="local", nine="10.0.0.9", ninex="10.0.0.9x", far="h")
    message, hint = refusal(text, typed)
    known = "hosts: web, nine, ninex, far (in hosts.toml)"
    assert message == f"unknown host or group {shown}; the nearest name is '{entry}'; {known}"
    assert hint == f"fab -H {entry} status"


def test_this_machine_is_no_address_that_leads_anywhere():
    message, _ = refusal(hosts(here="local", locale="h"), "locall")
    assert "the nearest name is 'locale'" in message


def test_of_many_hosts_and_groups_twenty_are_named():
    text = hosts(**{f"h{number}": "h" for number in range(1, 22)})
    text += "[groups.g]\nhosts = ['h1']\n"
    message, _ = refusal(text, "x")
    named = ", ".join(f"h{number}" for number in range(1, 21))
    assert message.endswith(f"; hosts: {named} and 1 more; groups: g (in hosts.toml)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "hosts: missing; describe a host in a table [hosts.NAME]"),
        ("a = \n", "line 1: Invalid value"),
        ("a = 1\nb = 'x", 'line 2: Expected "\'" (at end of document)'),
        ("a = [\n\n", "line 2: Invalid value (at end of document)"),
        ("local = 'b'\n[hosts.a]", "local: no entry is named 'b'; the nearest is 'a'"),
        (
            "[defaults]\nport = 0\n[hosts.a]",
            "[defaults] port: must be a whole number from 1 to 65535",
        ),
        ("[groups.g]\nhosts = ['g']\n[hosts.a]", "[groups.g] hosts: a cycle, g -> g"),
        (
            "[hosts.a]\naddress = 'h'",
            "[hosts.a] project_dir: missing; set it here, in a group or in [defaults]",
        ),
        ("[groups.g]\n[hosts.a]", "[groups.g] hosts: missing; list its hosts"),
        (
            "[hosts.'-a']",
            "hosts: -a: a name must not start with - or ! or hold blanks, nor , @ : /",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_place(text, message):
    assert refusal(text) == (f"hosts.toml: {message}", "${EDITOR:-vi} hosts.toml")


def test_a_cycle_is_told_of_the_group_that_its_arrows_begin_with():
    text = "".join(f"[groups.{a}]\nhosts = ['{b}', 'h']\n" for a, b in ("xy", "yz", "zx"))
    message, _ = refusal(text + "[hosts.h]")
    title, _, arrows = message.partition(" hosts: a cycle, ")
    assert title == f"hosts.toml: [groups.{arrows[0]}]"


@pytest.mark.parametrize(
    ("override", "reason"),
    [("", "no entry is marked as this machine"), ("w", "no host is named 'w'")],
)
def test_without_an_answer_which_machine_this_is_all_entries_are_named(override, reason):
    fleet = parse_inventory(hosts(web="h", db="h"), "hosts.toml")
    with pytest.raises(InventoryError) as refused:
        fleet.local_host(override)
    assert refused.value.message == f"{reason}; hosts: web, db (in hosts.toml)"
    assert refused.value.hint.startswith("OPS_LOCAL=")
    assert refused.value.hint.endswith(" inv status")
