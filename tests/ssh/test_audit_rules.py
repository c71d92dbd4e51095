import base64
import subprocess

import pytest

from mantodeus_ops.findings import Finding
from mantodeus_ops.remote.ssh.fingerprint import sha256
from mantodeus_ops.ssh.audit_rules import (
    LocalAudit,
    PathPermissions,
    RemoteAudit,
    check_local,
    check_remote,
    check_server,
    rsa_bits,
)
from mantodeus_ops.ssh.authorized_keys import entries


def ours(*places, private="/me/id", locked=True, forwards=False):
    """Return what is wrong on this machine: texts of what is red, then of what is yellow."""
    found = list(check_local(LocalAudit(1000, private, locked, places, forwards), "web1"))
    return [one.text for one in found if one.stops], [one.text for one in found if not one.stops]


def theirs(text="", *places, known=(), has_agent=False):
    """Return what is wrong in the account, as findings."""
    facts = RemoteAudit(1000, places, entries(text), has_agent, "ssh -p 22 me@web1")
    return list(check_remote(facts, known))


def public(folder, *kind):
    """Return the public half of a new key."""
    argv = ["ssh-keygen", "-q", "-t", *kind, "-N", "", "-C", "me", "-f", str(folder / "id")]
    subprocess.run(argv, check=True)
    return (folder / "id.pub").read_text()


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (PathPermissions(0o755, 1000, "/me"), []),
        (PathPermissions(0o755, 0, "/"), []),
        (PathPermissions(0o1777, 0, "/shared"), []),
        (PathPermissions(0o775, 1000, "/me"), ["others can write /me on this machine (mode 775)"]),
        (PathPermissions(0o757, 0, "/me"), ["others can write /me on this machine (mode 757)"]),
        (
            PathPermissions(0o700, 7, "/me"),
            ["/me on this machine belongs to another account (uid 7)"],
        ),
        (PathPermissions(0o640, 1000, "/me/id"), ["others can read our key /me/id (mode 640)"]),
        (PathPermissions(0o644, 1000, "/me/id.pub"), []),
        (PathPermissions(0o100600, 1000, "/me/id"), []),
    ],
)
def test_who_may_reach_what_a_login_stands_on(place, told):
    assert ours(place)[0] == told


def test_what_is_wrong_on_our_side_comes_with_what_mends_it():
    places = (PathPermissions(0o40777, 7, "/a b"), PathPermissions(0o100644, 1000, "/a b/id"))
    assert list(check_local(LocalAudit(1000, "/a b/id", False, places, True), "web1")) == [  # noqa: FBT003
        Finding("others can write /a b on this machine (mode 777)", "chmod go-w '/a b'"),
        Finding("/a b on this machine belongs to another account (uid 7)", "ls -ld '/a b'"),
        Finding("others can read our key /a b/id (mode 644)", "chmod 600 '/a b/id'"),
        Finding(
            "our key /a b/id has no passphrase: its file alone is enough to log in",
            "ssh-keygen -p -f '/a b/id'",
            stops=False,
        ),
        Finding(
            "your own ssh lends web1 your agent: root there can use all of your keys", NO_AGENT
        ),
    ]
    assert ours(private="", locked=False) == ([], [])


NO_AGENT = "set ForwardAgent no in ~/.ssh/config"
THERE = "ssh -p 22 me@web1"


@pytest.mark.parametrize(
    ("place", "text", "hint", "stops"),
    [
        (
            PathPermissions(0o40777, 1000, "/home/a b/.ssh"),
            "others can write /home/a b/.ssh on the host (mode 777)",
            "chmod go-w '/home/a b/.ssh'",
            True,
        ),
        (
            PathPermissions(0o40755, 1000, "/home/a b/.ssh"),
            "others can look into /home/a b/.ssh on the host (mode 755)",
            "chmod go= '/home/a b/.ssh'",
            False,
        ),
        (
            PathPermissions(0o100604, 0, "/home/me/.ssh/authorized_keys"),
            "others can look into /home/me/.ssh/authorized_keys on the host (mode 604)",
            "chmod go= /home/me/.ssh/authorized_keys",
            False,
        ),
        (
            PathPermissions(0o600, 1000, "/home/me/.ssh/authorized_keys2"),
            "/home/me/.ssh/authorized_keys2 is there too, which old servers also read",
            "cat /home/me/.ssh/authorized_keys2",
            False,
        ),
        (
            PathPermissions(0o700, 7, "/home/me"),
            "/home/me on the host belongs to another account (uid 7)",
            "ls -ld /home/me",
            True,
        ),
    ],
)
def test_places_in_the_account_are_mended_by_a_command_that_goes_there(place, text, hint, stops):
    assert theirs("", place) == [Finding(text, f"{THERE} {hint}", stops)]


def test_an_agent_that_is_lent_to_the_host_is_told():
    text = "the host has an agent in our session: its keys are within reach of root there"
    assert theirs(has_agent=True) == [Finding(text, NO_AGENT)]
    assert theirs("", PathPermissions(0o755, 1000, "/home/me")) == []
    assert theirs("", PathPermissions(0o40700, 1000, "/home/me/.ssh")) == []


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
    print_ = sha256(blob)
    line = f"authorized_keys line 1: {text.split()[0]} {print_} me is an unknown key"
    hint = "keep its .pub beside hosts.toml if you know whose it is; else take the line out"
    assert unknown[0] == Finding(line, hint)
    assert {one.hint for one in found} <= {"ask its owner for an ed25519 key"}


def rsa(bits, kind="ssh-rsa"):
    """Return the line of a key that has so many bits."""
    number = (1 << (bits - 1)).to_bytes(bits // 8 + 1, "big")
    parts = (kind.encode(), b"\1\0\1", number)
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"{kind} {base64.b64encode(blob).decode()}", blob


@pytest.mark.parametrize(
    ("bits", "kind", "words"),
    [
        (3072, "ssh-rsa", None),
        (3071, "ssh-rsa", "is of a doubtful kind of 3071 bits"),
        (2048, "ssh-rsa", "is of a doubtful kind of 2048 bits"),
        (2047, "ssh-rsa", "is of a broken kind"),
        (3072, "ssh-dss", "is of a broken kind"),
        (1024, "ecdsa-sha2-nistp256", "is of a doubtful kind"),
        (1024, "ssh-ed25519", None),
    ],
)
def test_a_key_is_too_short_below_3072_bits_and_broken_below_2048(bits, kind, words):
    text, blob = rsa(bits, kind)
    hint = "ask its owner for an ed25519 key"
    told = f"authorized_keys line 2: {kind} {sha256(blob)} {words}"
    broken = "broken" in (words or "")
    expected = [Finding(told, hint, stops=broken)] if words else []
    assert theirs(f"\n{text}", known={blob}) == expected


def test_what_is_no_rsa_key_has_no_bits():
    assert [rsa_bits(blob) for blob in (b"", b"\0\0", b"\0\0\0\7ssh-rsa", b"x" * 9)] == [0] * 4


SETTINGS = "set {} in sshd_config, or ask your provider to"
UPGRADE = "upgrade the SSH server, or name better ones in sshd_config"


@pytest.mark.parametrize(
    ("method", "text", "setting"),
    [
        ("none", "lets every client in without any proof", "PasswordAuthentication no"),
        (
            "password",
            "lets people log in with a password, which can be guessed",
            "PasswordAuthentication no",
        ),
        (
            "keyboard-interactive",
            "asks for passwords in a dialog (keyboard-interactive)",
            "KbdInteractiveAuthentication no",
        ),
        (
            "hostbased",
            "believes other hosts' word for who a user is (hostbased)",
            "PasswordAuthentication no",
        ),
    ],
)
def test_every_way_in_but_a_key_is_told(method, text, setting):
    found = list(check_server({}, ("publickey", method), "web1"))
    assert found == [Finding(f"web1 {text}", SETTINGS.format(setting))]


def test_what_a_server_offers_beside_good_names_is_told_the_broken_first():
    offer = {
        "kex": ("curve25519-sha256", "ecdh-sha2-nistp256"),
        "ciphers": ("3des-cbc",),
        "macs": ("hmac-sha1", "hmac-md5"),
    }
    assert list(check_server(offer, (), "web1")) == [
        Finding("web1 also offers what is broken: cipher 3des-cbc, MAC hmac-md5", UPGRADE),
        Finding(
            "web1 also offers what is doubtful: key exchange ecdh-sha2-nistp256, MAC hmac-sha1",
            UPGRADE,
            stops=False,
        ),
    ]
    assert list(check_server({}, ("publickey",), "web1")) == []
