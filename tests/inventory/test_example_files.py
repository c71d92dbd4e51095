"""The files in inventory/ are read by people first: what they say must be true."""

from __future__ import annotations

import re
from pathlib import Path

from mantodeus_ops.inventory.parse import Inventory, parse_inventory
from mantodeus_ops.inventory.settings import KEYS

SHIPPED = Path(__file__).parents[2] / "inventory"


def parsed(text: str) -> Inventory:
    return parse_inventory(text, "inventory/hosts.toml")


def shipped() -> str:
    return (SHIPPED / "hosts.toml").read_text(encoding="utf-8")


def test_the_shipped_inventory_describes_mantodeus_manager():
    fleet = parsed(shipped())
    app = fleet.local_host().app
    assert fleet.select(["production"]) == fleet.select(["manager"])
    assert str(app.project_dir) == "/srv/customer/sites/manager.mantodeus.com"
    assert (app.name, app.branch) == ("mantodeus-manager", "main")


def test_the_shipped_inventory_shows_every_key_with_its_true_default():
    spelled_out = re.sub(r"(?m)^# (?=[a-z0-9_.]+ = )", "", shipped())
    assert parsed(spelled_out) == parsed(shipped())
    assert set(re.findall(r"(?m)^([a-z0-9_.]+) = ", spelled_out)) == {*KEYS, "local", "hosts"}


def test_the_shipped_known_hosts_pins_nothing_yet():
    lines = (SHIPPED / "known_hosts").read_text(encoding="utf-8").splitlines()
    assert all(line.startswith("#") for line in lines)
