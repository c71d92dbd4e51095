"""A channel's end, between two ends of a socket that both speak SSH really."""

import socket
import time
from threading import Event

import paramiko
import pytest

from mantodeus_ops.remote.ssh.channel import RemoteProcess
from mantodeus_ops.remote.transport import ConnectionDropped, Exit


class Server(paramiko.ServerInterface):
    """Lets everybody in and runs nothing: what a program does is for the test to say."""

    def check_auth_none(self, *_):
        """Let him in."""
        return paramiko.AUTH_SUCCESSFUL

    def check_channel_request(self, *_):
        """Give him a channel."""
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, *_):
        """Begin."""
        return True


class Slow(paramiko.Transport):
    """A client's end that takes its time between closing a channel and knowing that it is dead."""

    def _unlink_channel(self, chanid):
        super()._unlink_channel(chanid)
        if chanid:
            time.sleep(0.5)


@pytest.fixture
def ends():
    """Yield the two ends of a connection."""
    near, far = socket.socketpair()
    server, client = paramiko.Transport(far), Slow(near)
    server.add_server_key(paramiko.RSAKey.generate(2048))
    server.start_server(event=Event(), server=Server())
    client.start_client(timeout=60)
    client.auth_none("kim")
    yield client, server
    client.close()
    server.close()


def begun(client, server):
    """Return a program on a new channel, and the channel as the server has it."""
    channel = client.open_session()
    channel.exec_command("true")
    return RemoteProcess(channel, b"", more=True), server.accept(10)


def test_a_line_that_dropped_is_no_program_that_was_killed(ends):
    process, _ = begun(*ends)
    _kept = begun(*ends)
    ends[1].close()
    with pytest.raises(ConnectionDropped):
        process.pump(lambda _: None, lambda _: None, 10)


def test_a_program_that_was_killed_is_no_line_that_dropped(ends):
    process, there = begun(*ends)
    there.shutdown_write()
    there.close()
    assert process.pump(lambda _: None, lambda _: None, 10) == Exit(-1)
