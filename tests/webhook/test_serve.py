import os
import socket

import pytest

from mantodeus_ops.errors import OpsError, UsageError
from mantodeus_ops.inventory.parse import HostSpec, Inventory
from mantodeus_ops.inventory.webhook_settings import Webhook
from mantodeus_ops.remote.connect import ssh_transport
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.webhook.serve import serve
from tests.support.fake_host import Heard, host_at


def test_a_receiver_is_not_served_from_elsewhere(tmp_path):
    app = host_at(tmp_path).app
    spec = HostSpec("web1", "192.0.2.1", 22, "me", app=app)
    way = SshTarget(spec, Inventory(str(tmp_path / "hosts.toml"), {"web1": spec}, {}, ""))
    host = Host(spec, ssh_transport(way), Options(), Heard(), way)
    with pytest.raises(UsageError, match="runs on the host itself") as refused:
        serve(host)
    assert refused.value.hint == "fab -H web1 webhook.install"


def test_here_it_is_the_receiver_that_is_run_with_the_settings_of_this_host(tmp_path):
    (tmp_path / ".deploy").mkdir()
    (tmp_path / ".env").write_text("WEBHOOK_SECRET=0123456789abcdef-0123456789abcdef-good\n")
    (tmp_path / ".env").chmod(0o600)
    before = os.umask(0o077)  # which the receiver sets, and a process has one of
    try:
        with socket.create_server(("127.0.0.1", 0)) as other:
            hook = Webhook(port=other.getsockname()[1], repository_id=42)
            with pytest.raises(OpsError, match=f"cannot listen on 127.0.0.1:{hook.port}: "):
                serve(host_at(tmp_path, webhook=hook))
    finally:
        os.umask(before)
    assert (tmp_path / ".deploy/webhook/receiver.lock").exists()
