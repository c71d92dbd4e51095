import base64
import subprocess

import pytest

from fabfile.pure.authorized import entries
from fabfile.pure.ssh_audit import (
    Ours,
    Place,
    Theirs,
    check_door,
    check_ours,
    check_theirs,
    rsa_bits,
)


def ours(*places, private="/me/id", locked=True, forwards=False):
    """Return what is wrong on our side: texts of what is red, then of what is yellow."""
    found = list(check_ours(Ours(1000, private, locked, places, forwards), "web1"))
    return [one.text for one in found if one.stops], [one.text for one in found if not one.stops]


def theirs(text="", *places, known=(), has_agent=False):
    """Return what is wrong in the account, as findings."""
    facts = Theirs(1000, places, entries(text), has_agent, "ssh -p 22 me@web1")
    return list(check_theirs(facts, known))


def public(folder, *kind):
    """Return the public half of a new key."""
    argv = ["ssh-keygen", "-q", "-t", *kind, "-N", "", "-C", "me", "-f", str(folder / "id")]
    subprocess.run(argv, check=True)
    return (folder / "id.pub").read_text()


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (Place(0o755, 1000, "/me"), []),
        (Place(0o755, 0, "/"), []),
        (Place(0o1777, 0, "/shared"), []),
        (Place(0o775, 1000, "/me"), ["others can write /me on our side (mode 775)"]),
        (Place(0o757, 0, "/me"), ["others can write /me on our side (mode 757)"]),
        (Place(0o700, 7, "/me"), ["/me on our side belongs to another account (uid 7)"]),
        (Place(0o640, 1000, "/me/id"), ["others can read our key /me/id (mode 640)"]),
        (Place(0o644, 1000, "/me/id.pub"), []),
    ],
)
def test_who_may_reach_what_a_login_stands_on(place, told):
    assert ours(place)[0] == told


def test_a_key_without_passphrase_is_doubtful_and_a_lent_agent_is_not_to_be():
    assert ours(locked=False) == (
        [],
        ["our key /me/id has no passphrase: whoever has the file is let in"],
    )
    assert ours(private="", locked=False) == ([], [])
    assert ours(forwards=True)[0][0].startswith("your own ssh lends web1 your agent")
    assert theirs(has_agent=True)[0].stops


def test_places_in_the_account_are_mended_by_a_command_that_goes_there():
    (found,) = theirs("", Place(0o777, 1000, "/home/a b/.ssh"))
    assert found.hint == "ssh -p 22 me@web1 chmod go-w '/home/a b/.ssh'"
    (found,) = theirs("", Place(0o755, 1000, "/home/me/.ssh"))
    assert (found.stops, "others can look into" in found.text) == (False, True)
    (found,) = theirs("", Place(0o600, 1000, "/home/me/.ssh/authorized_keys2"))
    assert "which old servers also read" in found.text


@pytest.mark.parametrize(
    ("kind", "bits", "told"),
    [
        (["ed25519"], 0, []),
        (["rsa", "-b", "3072"], 3072, []),
        (["rsa", "-b", "2048"], 2048, [(False, "of a doubtful kind of 2048 bits")]),
        (["rsa", "-b", "1024"], 1024, [(True, "of a broken kind")]),
        (["ecdsa"], 0, [(False, "of a doubtful kind")]),
    ],
)
def test_kinds_of_keys_are_judged(tmp_path, kind, bits, told):
    text = public(tmp_path, *kind)
    blob = base64.b64decode(text.split()[1])
    assert rsa_bits(blob) == bits
    found = theirs(text, known={blob})
    assert [
        (one.stops, one.text.endswith(words)) for one, (_, words) in zip(found, told, strict=True)
    ] == [(stops, True) for stops, _ in told]
    unknown = theirs(text)
    assert "is a key that we do not know" in unknown[0].text
    assert unknown[0].stops


def test_what_is_no_rsa_key_has_no_bits():
    assert [rsa_bits(blob) for blob in (b"", b"\0\0", b"\0\0\0\7ssh-rsa", b"x" * 9)] == [0] * 4


def test_every_way_in_but_a_key_is_told():
    offer = {"kex": ("curve25519-sha256",), "ciphers": ("3des-cbc",), "macs": ("hmac-sha1",)}
    found = list(check_door(offer, ("publickey", "password", "none"), "web1"))
    assert [one.stops for one in found] == [True, True, True, False]
    assert "PasswordAuthentication no" in found[0].hint
    assert "cipher 3des-cbc" in found[2].text
    assert list(check_door({}, ("publickey",), "web1")) == []
