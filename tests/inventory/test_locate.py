import os

import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.inventory.locate import inventory_path, load_inventory


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return an inventory above the folder we are in."""
    (tmp_path / "inventory").mkdir()
    (tmp_path / "deep/er").mkdir(parents=True)
    file = tmp_path / "inventory/hosts.toml"
    file.write_text("")
    monkeypatch.chdir(tmp_path / "deep/er")
    monkeypatch.delenv("OPS_INVENTORY", raising=False)
    return file


def test_the_nearest_one_above_counts_before_the_one_beside_the_code(place):
    assert inventory_path() == place


def test_one_that_another_account_put_in_our_way_is_refused_unless_it_is_named(place, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    with pytest.raises(InventoryError, match="belongs to another account") as told:
        load_inventory()
    assert told.value.hint.startswith(f"OPS_INVENTORY={place} ")
    monkeypatch.setenv("OPS_INVENTORY", str(place))
    assert inventory_path() == place
