"""A connection to a real sshd: opened once, through gateways, and never silent for long."""

import socket
from dataclasses import replace

import pytest

from mantodeus_ops.errors import HostKeyError, UnreachableError
from mantodeus_ops.remote.ssh.connection import DEAD_AFTER_MILLISECONDS, PinnedConnection
from sandbox.openssh import free_port
from tests.support.ssh_servers import one_key_sshd, target_at


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Yield an sshd that lets one key in, and the folder of its inventory."""
    with one_key_sshd(tmp_path_factory.mktemp("connection")) as found:
        yield found


@pytest.fixture
def connection(place):
    """Yield a connection that is not open yet."""
    made = PinnedConnection(target_at(place))
    yield made
    made.close()


def test_it_is_opened_once_and_again_after_it_was_closed(connection):
    connection.open()
    first = connection.transport
    connection.open()
    assert connection.transport is first
    connection.close()
    assert not connection.is_connected
    connection.channel().close()
    assert connection.transport is not first


def test_a_dead_line_is_noticed_by_the_kernel(connection):
    with connection.dial() as sock:
        alive = sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        dead_after = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert (alive, dead_after) == (1, DEAD_AFTER_MILLISECONDS)


def test_a_gateway_is_opened_first_and_closed_last(place):
    target = target_at(place)
    connection = PinnedConnection(replace(target, gateway=target))
    connection.open()
    assert connection.jump.is_connected
    connection.close()
    assert not connection.jump.is_connected


def test_a_gateway_that_cannot_reach_the_host_is_named_as_the_cause(place):
    target = target_at(place)
    behind = replace(target, spec=replace(target.spec, port=free_port()), gateway=target)
    connection = PinnedConnection(behind)
    with pytest.raises(UnreachableError, match="its gateway cannot connect"):
        connection.dial()
    connection.close()


def test_a_port_on_which_nothing_listens_is_unreachable(place):
    target = target_at(place)
    closed = replace(target, spec=replace(target.spec, port=free_port()))
    with pytest.raises(UnreachableError, match="nothing listens"):
        PinnedConnection(closed).dial()


def test_no_login_is_tried_where_no_key_is_pinned(place, tmp_path):
    (tmp_path / "none").write_text("")
    connection = PinnedConnection(target_at(place, known_hosts=str(tmp_path / "none")))
    with pytest.raises(HostKeyError):
        connection.open()
    assert not connection.is_connected
