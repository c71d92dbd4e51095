"""What paramiko says of a connection that did not come about, and what that means."""

import socket
from types import SimpleNamespace

import pytest
from paramiko.ssh_exception import (
    AuthenticationException,
    ChannelException,
    IncompatiblePeer,
    SSHException,
)

from mantodeus_ops.errors import AlgorithmError, UnreachableError
from mantodeus_ops.remote.ssh.errors import connection_error
from tests.ssh.test_local_audit import way_in

BEGUN = SimpleNamespace(remote_version="SSH-2.0-x", is_active=lambda: False, offered={})
SILENT = SimpleNamespace(remote_version="", is_active=lambda: True, offered={})


def told(folder, error, transport=BEGUN):
    """Return the kind of our error, and its words."""
    found = connection_error(error, way_in(folder), "me", transport)
    assert found.hint
    assert "web1 (web1.example:2222)" in found.message
    return type(found), found.message


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            AuthenticationException("of any text"),
            UnreachableError,
            "closed the connection during the login",
        ),
        (
            IncompatiblePeer("no acceptable kex"),
            AlgorithmError,
            "answers, but uses an incompatible SSH version",
        ),
        (ConnectionRefusedError(111, "x"), UnreachableError, "nothing listens"),
        (TimeoutError(), UnreachableError, "no answer in time"),
        (socket.gaierror(-2, "x"), UnreachableError, "unknown to DNS"),
        (OSError(113, "No route to host"), UnreachableError, "No route to host"),
        (ChannelException(2, "x"), UnreachableError, "its gateway cannot connect"),
        (EOFError(), UnreachableError, "it closed the connection"),
        (
            UnicodeDecodeError("utf-8", b"x", 0, 1, "x"),
            UnreachableError,
            "violates the SSH protocol",
        ),
    ],
)
def test_a_login_that_broke_off_is_no_refusal_and_each_end_has_its_words(
    tmp_path, error, kind, words
):
    found, message = told(tmp_path, error)
    assert found is kind
    assert words in message


def test_a_server_that_never_introduced_itself_is_silent_or_none(tmp_path):
    assert "sent nothing" in told(tmp_path, SSHException("No existing session"), SILENT)[1]
    gone = SimpleNamespace(remote_version="", is_active=lambda: False, offered={})
    said = SSHException("Error reading SSH protocol banner")
    assert "it closed the connection" in told(tmp_path, said, gone)[1]
    garbage = SSHException('Indecipherable protocol version "' + "HTTP\x1b[31m" * 40 + '"')
    message = told(tmp_path, garbage, gone)[1]
    assert "the service is no SSH server" in message
    assert len(message) < 250
