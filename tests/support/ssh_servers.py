"""A real sshd that lets one key in, and the targets and hosts that reach it."""

import getpass
from contextlib import contextmanager

from mantodeus_ops.inventory.parse import HostSpec, Inventory
from mantodeus_ops.remote.connect import ssh_transport
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.ssh.target import SshTarget
from sandbox.openssh import Sshd, make_key
from tests.support.fake_host import Heard, host_at


@contextmanager
def one_key_sshd(folder):
    """Yield an sshd that lets in the key `id` of this folder, and the folder, with its pins."""
    make_key(folder / "id", "test")
    (folder / "authorized_keys").write_text((folder / "id.pub").read_text())
    server = Sshd(folder / "sshd", folder / "authorized_keys", {"PATH": "/usr/bin:/bin"})
    server.start()
    (folder / "known_hosts").write_text(server.known_hosts_line())
    try:
        yield server, folder
    finally:
        server.stop()


def target_at(place, identity="id", **spec):
    """Return the target of that sshd, with its inventory in that folder."""
    server, folder = place
    known = {"user": getpass.getuser(), "identity_file": identity, "app": host_at(folder).app}
    found = HostSpec("web1", "127.0.0.1", server.port, **{**known, **spec})
    return SshTarget(found, Inventory(str(folder / "hosts.toml"), {"web1": found}, {}, ""))


def host_on(target, **options):
    """Return the host that this target reaches."""
    return Host(target.spec, ssh_transport(target), Options(**options), Heard(), target)
