import subprocess

import pytest

from mantodeus_ops.remote.ssh.fingerprint import (
    blob_of,
    kind_of,
    parse_fingerprint,
    randomart,
    sha256,
)
from mantodeus_ops.remote.ssh.private_key_header import is_locked, public_half

TITLES = {"ed25519": "ED25519 256", "rsa": "RSA 3072", "ecdsa": "ECDSA 256"}


@pytest.mark.parametrize("kind", TITLES)
def test_a_key_looks_as_openssh_shows_it(tmp_path, kind):
    argv = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "me", "-f", str(tmp_path / "id")]
    subprocess.run(argv, check=True)
    argv = ["ssh-keygen", "-lv", "-f", str(tmp_path / "id.pub")]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    name, text = (tmp_path / "id.pub").read_text().split()[:2]
    blob = blob_of(text)
    assert kind_of(blob) == name
    assert f"{sha256(blob)} me" in told.splitlines()[0]
    assert told.splitlines()[1:] == randomart(blob, TITLES[kind]).splitlines()
    assert parse_fingerprint(told.splitlines()[0]) == sha256(blob)


def test_what_is_no_key_is_empty():
    assert (kind_of(b"\0\0"), blob_of("!"), kind_of(b"\0\0\0\1\xff")) == ("", b"", "")


DIGEST = "r4ZMbarX819MMhOAxCFZhhXnb73E6J13sVlfSap4/Us"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"SHA256:{DIGEST}", f"SHA256:{DIGEST}"),
        (DIGEST, f"SHA256:{DIGEST}"),
        (f" {DIGEST}=\n", f"SHA256:{DIGEST}"),
        (f"256 SHA256:{DIGEST} root@vm (ED25519)", f"SHA256:{DIGEST}"),
        (f"SHA256:{DIGEST} SHA256:{DIGEST[::-1]}", ""),
        (DIGEST[:-1], ""),
        (f"x{DIGEST}", ""),
        (f"{DIGEST}==", ""),
        ("MD5:aa:bb", ""),
        ("", ""),
    ],
)
def test_a_fingerprint_is_taken_as_people_copy_it(text, found):
    assert parse_fingerprint(text) == found


@pytest.mark.parametrize("passphrase", ["", "canary-c0ffee"])
def test_the_public_half_is_read_without_the_passphrase(tmp_path, passphrase):
    path = tmp_path / "id"
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path)]
    subprocess.run(argv, check=True)
    text = path.read_text()
    assert public_half(text) == blob_of(path.with_suffix(".pub").read_text().split()[1])
    assert is_locked(text) is bool(passphrase)
    body = text.splitlines()[1:-1]
    short = "\n".join([text.splitlines()[0], body[0][:64], text.splitlines()[-1]])
    for cut in (
        short,
        text[:-40],
        text.replace("AAAA", "!!!!"),
        text.replace("AAAA", "AA!AA", 1),
        f"x{text}",
        f"{text}x",
        "",
        "-----BEGIN RSA PRIVATE KEY-----",
    ):
        assert public_half(cut) == b""
        assert not is_locked(cut)
