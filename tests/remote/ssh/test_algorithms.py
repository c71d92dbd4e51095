import pytest

from mantodeus_ops.remote.ssh.algorithms import (
    KEPT,
    MODERN,
    Weak,
    missing_kind,
    preferred_first,
    weak,
)

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
    assert missing_kind(MODERN) == ""


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
    assert missing_kind(offer) == ""
    assert f"(it offers only {name})" in missing_kind({**OPENSSH, kind: (name, "ext-info-s")})


def test_what_is_kept_in_spite_of_a_warning_comes_after_all_others():
    for kind, names in MODERN.items():
        kept = [name in KEPT for name in names]
        assert kept == sorted(kept), kind
    assert all(KEPT.values())


def test_wanted_names_come_first_and_nothing_is_added():
    assert preferred_first(("a", "b", "c"), ["c", "x"]) == ("c", "a", "b")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("kex", f"{curve}25519-sha256") for curve in ("curve", "mlkem768x")),
        ("kex", "diffie-hellman-group16-sha512"),
        *(("keys", name) for name in ("ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256")),
        *(("ciphers", f"aes{bits}-ctr") for bits in (128, 192, 256)),
        *(("ciphers", f"aes{bits}-gcm@openssh.com") for bits in (128, 256)),
        ("macs", "hmac-sha2-256"),
        *(("macs", f"hmac-sha2-{bits}-etm@openssh.com") for bits in (256, 512)),
    ],
)
def test_a_server_that_offers_but_one_good_name_of_a_kind_is_reached(kind, name):
    assert missing_kind({**OPENSSH, kind: (name,)}) == ""


@pytest.mark.parametrize(
    ("kind", "name", "broken"),
    [
        ("kex", "none", True),
        ("kex", "gss-group14-sha1-x", True),
        ("kex", "rsa1024-sha1", True),
        ("kex", "gss-nistp256-sha256-x", False),
        ("keys", "x509v3-sign-rsa", True),
        ("keys", "ssh-rsa-cert-v01@openssh.com", True),
        ("keys", "sk-ecdsa-sha2-nistp256@openssh.com", False),
        ("keys", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", False),
        ("ciphers", "rijndael-cbc@lysator.liu.se", True),
        ("ciphers", "des", True),
        ("macs", "hmac-ripemd160@openssh.com", True),
        ("macs", "hmac-sha1-etm@openssh.com", False),
    ],
)
def test_a_weak_name_of_any_kind_is_told_as_what_it_is(kind, name, broken):
    assert weak({kind: (name, "")}) == [Weak(kind, name, broken)]


def test_a_kind_of_which_a_server_offers_nothing_of_ours_is_named_and_the_first_of_them():
    words = {"kex": "key exchange", "keys": "host key", "ciphers": "cipher", "macs": "MAC"}
    for kind, word in words.items():
        assert missing_kind({kind: ("a", "", "b")}) == f"{word} (it offers only a, b)"
    assert missing_kind({"macs": ("a",), "kex": ("b",)}) == "key exchange (it offers only b)"
    assert missing_kind({"kex": ("ext-info-s", "kex-strict-s-v00@openssh.com")}) == ""
