"""What our client offers, judged by ssh-audit: a program of others with no stake in ours."""

import json
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import paramiko
import pytest

from mantodeus_ops.remote.ssh.algorithms import KEPT, MODERN
from mantodeus_ops.remote.ssh.paramiko_transport import ModernTransport
from sandbox.openssh import free_port

AUDIT = Path(sys.executable).parent / "ssh-audit"


def offered_to(port, transport):
    """Call an auditor that begins to listen at this port with this kind of client."""
    deadline = time.monotonic() + 60
    while True:
        try:
            sock = socket.create_connection(("127.0.0.1", port), 5)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    client = transport(sock)
    with suppress(paramiko.SSHException, EOFError):
        client.start_client(timeout=20)
    client.close()


def judged(transport, word):
    """Return everything that ssh-audit has this word for (fail, warn) in what a client offers."""
    port = free_port()
    argv = [AUDIT, "--client-audit", "--json", "--timeout", "60", "--port", str(port)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as auditor:
        offered_to(port, transport)
        told = json.loads(auditor.communicate(timeout=120)[0])
    names = [(kind, one) for kind in ("kex", "key", "enc", "mac") for one in told[kind]]
    assert len(names) > 10
    return [one["algorithm"] for _, one in names if one.get("notes", {}).get(word)]


@pytest.mark.skipif(not AUDIT.exists(), reason="ssh-audit is not installed")
def test_an_auditor_fails_nothing_that_we_offer_and_much_that_paramiko_does():
    assert judged(ModernTransport, "fail") == []
    assert "ecdh-sha2-nistp256" in judged(paramiko.Transport, "fail")


@pytest.mark.skipif(not AUDIT.exists(), reason="ssh-audit is not installed")
def test_an_auditor_warns_only_of_what_is_kept_for_a_written_reason():
    warned = judged(ModernTransport, "warn")
    assert sorted(warned) == sorted(KEPT)
    assert len(warned) <= 3


def test_a_name_that_paramiko_lacks_is_left_out_and_pinned_kinds_come_first():
    one, other = socket.socketpair()
    with one, other:
        transport = ModernTransport(one, pinned=("ssh-rsa",))
        assert transport._preferred_keys[:2] == ("rsa-sha2-512", "rsa-sha2-256")
        assert set(transport._preferred_keys) == set(MODERN["keys"])
        assert set(transport._preferred_kex) <= set(MODERN["kex"])
        assert set(transport._preferred_kex) <= set(transport._kex_info)
