"""Where the files of an SSH target are, what it is called, and which hosts share its key."""

from pathlib import Path, PurePosixPath

import pytest

from mantodeus_ops.inventory.parse import App, HostSpec, Inventory
from mantodeus_ops.remote.ssh.target import SshTarget, resolve_target

APP = App(project_dir=PurePosixPath("/srv/app"), name="manager", health_url="http://localhost:1/")


def target(folder="/srv/ops", **spec):
    """Return the target of a host whose inventory is in this folder."""
    found = HostSpec("web1", **{"address": "web1.example", "app": APP, **spec})
    return SshTarget(found, Inventory(f"{folder}/hosts.toml", {"web1": found}, {}, ""))


@pytest.mark.parametrize(
    ("spec", "known_hosts", "identity"),
    [
        ({}, "/srv/ops/known_hosts", None),
        ({"known_hosts": "pins", "identity_file": "id"}, "/srv/ops/pins", "/srv/ops/id"),
        ({"known_hosts": "/etc/pins", "identity_file": "/k"}, "/etc/pins", "/k"),
        ({"known_hosts": "~/pins", "identity_file": "~/id"}, "/home/me/pins", "/home/me/id"),
    ],
)
def test_files_are_beside_the_inventory_unless_they_say_otherwise(
    monkeypatch, spec, known_hosts, identity
):
    monkeypatch.setenv("HOME", "/home/me")
    found = target(**spec)
    assert found.known_hosts == Path(known_hosts)
    assert found.identity == (Path(identity) if identity else None)


@pytest.mark.parametrize(
    ("address", "port", "label"),
    [
        ("web1.example", 22, "web1 (web1.example:22)"),
        ("192.0.2.1", 2222, "web1 (192.0.2.1:2222)"),
        ("::1", 22, "web1 ([::1]:22)"),
    ],
)
def test_a_label_has_name_address_and_port(address, port, label):
    assert target(address=address, port=port).label == label


def test_a_target_with_another_key_is_the_same_host():
    found = target(identity_file="id").with_identity("other")
    assert found.identity == Path("/srv/ops/other")
    assert found.label == target().label


def test_hosts_share_a_key_by_its_real_path(tmp_path):
    (tmp_path / "id").touch()
    (tmp_path / "link").symlink_to("id")
    names = {"one": "id", "two": "other", "three": "link", "four": ""}
    hosts = {
        name: HostSpec(name, f"{name}.example", identity_file=file, app=APP)
        for name, file in names.items()
    }
    hosts["here"] = HostSpec("here", "local", identity_file="id", app=APP)
    inventory = Inventory(str(tmp_path / "hosts.toml"), hosts, {}, "")
    shared = resolve_target(inventory, hosts["three"]).hosts_with_same_key()
    assert [found.spec.name for found in shared] == ["three", "one"]
    alone = resolve_target(inventory, hosts["two"]).hosts_with_same_key()
    assert [found.spec.name for found in alone] == ["two"]


def test_a_target_is_reached_through_all_of_its_gateways():
    hosts = {
        "web1": HostSpec("web1", "web1.example", gateway="inner", app=APP),
        "inner": HostSpec("inner", "inner.example", gateway="outer", app=APP),
        "outer": HostSpec("outer", "outer.example", app=APP),
    }
    found = resolve_target(Inventory("hosts.toml", hosts, {}, ""), hosts["web1"])
    assert found.gateway.spec.name == "inner"
    assert found.gateway.gateway.spec.name == "outer"
    assert found.gateway.gateway.gateway is None
