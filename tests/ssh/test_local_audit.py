from pathlib import PurePosixPath

import pytest

from mantodeus_ops.inventory.parse import App, HostSpec, Inventory
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.ssh.audit_rules import PathPermissions
from mantodeus_ops.ssh.local_audit import known_keys, local_audit
from tests.remote.ssh.test_identity import make_key

APP = App(project_dir=PurePosixPath("/srv/app"), name="manager", health_url="http://localhost:1/")


def way_in(folder):
    """Return a way whose inventory and identity are in this folder."""
    spec = HostSpec("web1", "web1.example", 2222, identity_file="id", app=APP)
    other = HostSpec("web2", "web2.example", identity_file="other", app=APP)
    return SshTarget(
        spec, Inventory(str(folder / "hosts.toml"), {"web1": spec, "web2": other}, {}, "")
    )


@pytest.mark.parametrize(
    ("says", "forwards"),
    [
        ("forwardagent no", False),
        ("forwardagent yes", True),
        ("forwardagent /run/agent", True),
        ("", False),
    ],
)
def test_what_our_own_ssh_would_lend_is_asked_of_it(tmp_path, monkeypatch, says, forwards):
    program = tmp_path / "ssh"
    program.write_text(f'#!/bin/sh\n[ "$*" = "-G -p 2222 -- web1.example" ] && echo "{says}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert local_audit(way_in(tmp_path)).forwards is forwards
    program.unlink()
    assert local_audit(way_in(tmp_path)).forwards is False


@pytest.mark.parametrize("passphrase", ["", "canary"])
def test_every_place_that_a_login_stands_on_is_looked_at(tmp_path, passphrase):
    make_key(tmp_path / "id", passphrase=passphrase)
    make_key(tmp_path / "other")
    make_key(tmp_path / "colleague")
    (tmp_path / "id").chmod(0o640)
    (tmp_path / "known_hosts").write_text("")
    found = local_audit(way_in(tmp_path))
    places = {place.path: place for place in found.places}
    assert places[str(tmp_path / "id")] == PathPermissions(0o640, found.uid, str(tmp_path / "id"))
    assert {str(tmp_path), "/", str(tmp_path / "known_hosts"), str(tmp_path / "id.pub")} <= set(
        places
    )
    assert str(tmp_path / "hosts.toml") not in places
    assert found.locked is bool(passphrase)
    names = ("id", "other", "colleague")
    assert sorted(known_keys(way_in(tmp_path))) == sorted(
        (tmp_path / f"{name}.pub").read_text() for name in names
    )
