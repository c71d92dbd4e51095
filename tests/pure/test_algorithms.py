import pytest

from fabfile.pure.algorithms import MODERN, first, missing, weak

# What OpenSSH 9.2 offers where nobody configured it.
OPENSSH = {
    "kex": (
        "sntrup761x25519-sha512@openssh.com",
        "curve25519-sha256",
        "curve25519-sha256@libssh.org",
        "ecdh-sha2-nistp256",
        "diffie-hellman-group-exchange-sha256",
        "diffie-hellman-group14-sha256",
        "kex-strict-s-v00@openssh.com",
    ),
    "keys": ("rsa-sha2-512", "rsa-sha2-256", "ecdsa-sha2-nistp256", "ssh-ed25519"),
    "ciphers": ("chacha20-poly1305@openssh.com", "aes128-ctr", "aes256-gcm@openssh.com"),
    "macs": ("umac-64-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "hmac-sha1"),
}


def test_what_we_offer_is_neither_broken_nor_doubtful():
    assert weak(MODERN) == []
    assert missing(MODERN) == ""


def test_a_server_as_it_comes_has_doubtful_names_and_no_broken_one():
    found = weak(OPENSSH)
    assert [one.name for one in found if one.broken] == []
    assert [one.name for one in found] == [
        "ecdh-sha2-nistp256",
        "diffie-hellman-group14-sha256",
        "ecdsa-sha2-nistp256",
        "umac-64-etm@openssh.com",
        "hmac-sha1",
    ]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("kex", "diffie-hellman-group14-sha1"),
        ("kex", "diffie-hellman-group1-sha1"),
        ("kex", "diffie-hellman-group-exchange-sha1"),
        ("keys", "ssh-rsa"),
        ("keys", "ssh-dss"),
        ("ciphers", "3des-cbc"),
        ("ciphers", "aes256-cbc"),
        ("ciphers", "arcfour128"),
        ("macs", "hmac-md5"),
        ("macs", "hmac-sha1-96-etm@openssh.com"),
    ],
)
def test_what_is_broken_is_told_first_and_is_alone_not_enough(kind, name):
    offer = {**OPENSSH, kind: (*OPENSSH[kind], name)}
    assert (weak(offer)[0].name, weak(offer)[0].broken) == (name, True)
    assert missing(offer) == ""
    assert f"(it offers only {name})" in missing({**OPENSSH, kind: (name, "ext-info-s")})


def test_wanted_names_come_first_and_nothing_is_added():
    assert first(("a", "b", "c"), ["c", "x"]) == ("c", "a", "b")
