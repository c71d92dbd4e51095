import pytest

from fabfile.host.door import Host
from fabfile.host.factory import ssh_line
from fabfile.host.way import Way
from fabfile.ops.serve import serve
from fabfile.pure.errors import UsageError
from fabfile.pure.inventory import HostSpec, Inventory
from fabfile.pure.options import Options
from tests.host.doors import Heard, host_at


def test_a_receiver_is_not_served_from_elsewhere(tmp_path):
    app = host_at(tmp_path).app
    spec = HostSpec("web1", "192.0.2.1", 22, "me", app=app)
    way = Way(spec, Inventory(str(tmp_path / "hosts.toml"), {"web1": spec}, {}, ""))
    host = Host(spec, ssh_line(way), Options(), Heard(), way)
    with pytest.raises(UsageError, match="runs on the host itself") as refused:
        serve(host)
    assert refused.value.hint == "fab -H web1 webhook.install"
