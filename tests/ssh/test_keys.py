"""What stands in the way of a key: told before anything is made or asked for."""

import pytest

from mantodeus_ops.errors import IdentityError, OpsError, UsageError
from mantodeus_ops.inventory.parse import HostSpec, Inventory
from mantodeus_ops.remote.connect import ssh_transport
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.ssh import key_files, rotate
from mantodeus_ops.ssh.keys import install, keygen
from tests.support.fake_host import Heard, host_at


def at(folder, identity="id", **options):
    """Return a host that is never reached, with this key in its entry."""
    app = host_at(folder).app
    spec = HostSpec("web1", "192.0.2.1", 22, "me", identity_file=identity, app=app)
    way = SshTarget(spec, Inventory(str(folder / "hosts.toml"), {"web1": spec}, {}, ""))
    return Host(spec, ssh_transport(way), Options(**options), Heard(), way)


@pytest.mark.parametrize("identity", ["", "id.pub"])
def test_a_key_is_made_where_the_inventory_names_a_private_one(tmp_path, identity):
    with pytest.raises(UsageError, match="names no private key for web1") as refused:
        keygen(at(tmp_path, identity))
    assert "identity_file = " in refused.value.hint


def test_a_half_without_its_other_is_not_written_over(tmp_path):
    (tmp_path / "id.pub").write_text("mine")
    with pytest.raises(OpsError, match="its private half is not"):
        keygen(at(tmp_path), no_passphrase=True)
    assert (tmp_path / "id.pub").read_text() == "mine"


def test_a_comment_is_one_line(tmp_path):
    with pytest.raises(UsageError, match="one line of text"):
        keygen(at(tmp_path), comment="me\nssh-rsa", no_passphrase=True)
    assert not (tmp_path / "id").exists()


def test_a_key_that_is_there_stays_and_gets_its_public_half_back(tmp_path):
    made = keygen(at(tmp_path), comment="me", no_passphrase=True)
    (tmp_path / "id.pub").unlink()
    assert keygen(at(tmp_path, dry_run=True)).status == "unchanged"
    assert not (tmp_path / "id.pub").exists()
    again = keygen(at(tmp_path), comment="me")
    assert (again.status, again.data) == ("unchanged", made.data)
    assert (tmp_path / "id.pub").read_text().split()[1] == made.data["public_key"].split()[1]


def test_a_dry_run_makes_no_key(tmp_path):
    host = at(tmp_path, dry_run=True)
    assert keygen(host).status == "success"
    assert host.events.commands == [f"ssh-keygen -t ed25519 -f {tmp_path}/id"]
    assert not key_files.exists(tmp_path / "id")


def test_a_key_that_is_not_there_is_not_let_in(tmp_path):
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        install(at(tmp_path), key=str(tmp_path / "none.pub"))
    for named in ("id", ""):
        with pytest.raises(IdentityError, match="there is no key yet"):
            install(at(tmp_path, named))
    with pytest.raises(IdentityError, match="there is no key yet") as refused:
        rotate.rotate(at(tmp_path))
    assert refused.value.hint == "ssh.keygen"


def test_a_rotation_that_is_only_told_makes_no_key(tmp_path):
    keygen(at(tmp_path), comment="me", no_passphrase=True)
    host = at(tmp_path, dry_run=True)
    assert rotate.rotate(host).data == {"hosts": ["web1"]}
    words = [line.split()[0] for line in host.events.commands]
    assert words == ["ssh-keygen", "authorize", "ln", "mv", "dismiss", "rm"]
    assert not (tmp_path / "id.new").exists()
