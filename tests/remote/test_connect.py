import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.inventory.parse import parse_inventory
from mantodeus_ops.remote import connect
from mantodeus_ops.remote.connect import ConnectionPool, reconnect_seconds, ssh_target
from mantodeus_ops.remote.options import Options
from tests.support.fake_host import Heard

INVENTORY = """
[defaults]
app = "manager"
health_url = "http://127.0.0.1:1/"
project_dir = "/srv/app"

[hosts.here]
address = "local"

[hosts.far]
address = "127.0.0.1"
user = "ops"
port = 2222
identity_file = "/nowhere/key"
"""


@pytest.fixture
def inventory():
    """Return an inventory of this machine and of one behind SSH."""
    return parse_inventory(INVENTORY, "hosts.toml")


def host_in(pool, inventory, name):
    """Return a host of the inventory, as a task gets it."""
    return pool.host(inventory.hosts[name], Options(), Heard())


class Closing:
    """A transport that counts how often it was closed."""

    def __init__(self):
        self.closed = 0

    def close(self):
        """Count."""
        self.closed += 1


@pytest.fixture
def opened(monkeypatch):
    """Return the transports to this machine that are opened from now on."""
    made = []

    def opening():
        made.append(Closing())
        return made[-1]

    monkeypatch.setattr(connect, "LocalTransport", opening)
    return made


def test_a_host_keeps_its_transport_until_the_pool_is_closed(inventory, opened):
    pool = ConnectionPool(inventory, local=False)
    host_in(pool, inventory, "here")
    pool.leave(inventory.hosts["here"])
    host_in(pool, inventory, "here")
    assert [one.closed for one in opened] == [0]
    pool.close()
    pool.close()
    assert [one.closed for one in opened] == [1]


def test_a_host_that_is_left_when_many_are_open_is_closed(inventory, opened, monkeypatch):
    monkeypatch.setattr(connect, "_MOST_LEFT_OPEN", 0)
    pool = ConnectionPool(inventory, local=False)
    host_in(pool, inventory, "here")
    pool.leave(inventory.hosts["here"])
    assert [one.closed for one in opened] == [1]
    host_in(pool, inventory, "here")
    assert [one.closed for one in opened] == [1, 0]


def test_stopping_a_pool_stops_every_host_of_it(inventory):
    pool = ConnectionPool(inventory, local=False)
    before = host_in(pool, inventory, "here")
    pool.stop()
    assert before.stopped.is_set()
    assert host_in(pool, inventory, "here").stopped.is_set()


def test_an_address_is_reached_over_ssh_and_this_machine_is_not(inventory):
    pool = ConnectionPool(inventory, local=False)
    target = ssh_target(host_in(pool, inventory, "far"))
    assert target.spec == inventory.hosts["far"]
    with pytest.raises(UsageError) as caught:
        ssh_target(host_in(pool, inventory, "here"))
    assert caught.value.hint == "fab -H NAME ssh.check"


def test_under_inv_every_host_is_this_machine(inventory, opened):
    pool = ConnectionPool(inventory, local=True)
    host = host_in(pool, inventory, "far")
    assert (host.target, len(opened)) == (None, 1)
    with pytest.raises(UsageError):
        ssh_target(host)


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, 60.0), ("5", 5.0), ("-1", 0.0), ("0.5", 0.5), ("soon", 60.0)]
)
def test_the_time_to_reconnect_can_be_set(monkeypatch, text, seconds):
    monkeypatch.delenv("OPS_RECONNECT", raising=False)
    if text is not None:
        monkeypatch.setenv("OPS_RECONNECT", text)
    assert reconnect_seconds() == seconds
