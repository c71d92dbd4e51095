import base64
import hashlib
import hmac

import pytest

from mantodeus_ops.remote.ssh.known_hosts import host_pattern, matches_host, with_pinned_key

HOST, KEY = "[web1.example]:2222", "ssh-ed25519 AAAAnew"


def hashed(name):
    """Return the name as ssh-keygen -H writes it."""
    salt = b"0123456789abcdefghij"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("address", "port", "name"),
    [
        ("Web1.example", 22, "web1.example"),
        ("web1.example", 2222, HOST),
        ("::1", 22, "::1"),
        ("::1", 2222, "[::1]:2222"),
    ],
)
def test_a_host_has_one_name_for_each_port(address, port, name):
    assert host_pattern(address, port) == name
    assert matches_host(["x", name], name)
    assert matches_host([hashed(name)], name)
    assert not matches_host([hashed(name), f"{name}x", "|1|", "|1|!|!", "|1|A|AAAA"], f"{name}y")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"{HOST} {KEY}\n"),
        ("# mine", f"# mine\n{HOST} {KEY}\n"),
        (f"{HOST} ssh-ed25519 AAAAold me\nx ssh-rsa A\r\n", f"x ssh-rsa A\r\n{HOST} {KEY}\n"),
        (f"{HOST},10.0.0.1  ssh-rsa B c\n", f"10.0.0.1  ssh-rsa B c\n{HOST} {KEY}\n"),
        (f"{hashed(HOST)} ssh-rsa B\n", f"{HOST} {KEY}\n"),
        (f"@revoked {HOST} ssh-rsa B\n", f"@revoked {HOST} ssh-rsa B\n{HOST} {KEY}\n"),
        (f"#{HOST} ssh-rsa B\n\n", f"#{HOST} ssh-rsa B\n\n{HOST} {KEY}\n"),
        ("web1.example ssh-rsa B", f"web1.example ssh-rsa B\n{HOST} {KEY}\n"),
    ],
)
def test_a_host_gets_one_key_and_every_other_line_stays(before, after):
    assert with_pinned_key(before, HOST, KEY) == after
    assert with_pinned_key(after, HOST, KEY) == after
