import subprocess

import pytest

from mantodeus_ops.remote.ssh.fingerprint import blob_of
from mantodeus_ops.remote.ssh.private_key_header import (
    is_locked,
    private_kind,
    public_half,
    strange_form,
)


def made(folder, kind, phrase, *more):
    """Return a private key that ssh-keygen made, and the blob of its public half."""
    file = folder / "id"
    argv = ["ssh-keygen", "-q", "-t", kind, "-N", phrase, "-f", str(file), *more]
    subprocess.run(argv, check=True)
    public = (folder / "id.pub").read_text()
    return file.read_text(), blob_of(public.split()[1])


@pytest.mark.parametrize("phrase", ["", "a phrase"])
@pytest.mark.parametrize(("kind", "name"), [("ed25519", "ssh-ed25519"), ("rsa", "ssh-rsa")])
def test_a_key_says_its_kind_and_its_public_half_without_a_passphrase(tmp_path, kind, name, phrase):
    text, blob = made(tmp_path, kind, phrase)
    assert (public_half(text), private_kind(text), is_locked(text)) == (blob, name, bool(phrase))


@pytest.mark.parametrize("phrase", ["", "a phrase"])
def test_an_older_form_says_its_kind_and_its_lock(tmp_path, phrase):
    text, _ = made(tmp_path, "rsa", phrase, "-m", "PEM")
    assert (public_half(text), private_kind(text), is_locked(text)) == (
        b"",
        "ssh-rsa",
        bool(phrase),
    )


@pytest.mark.parametrize("cut", [0, 1, 40, 80])
def test_a_key_that_was_cut_off_says_nothing(tmp_path, cut):
    text, _ = made(tmp_path, "ed25519", "")
    begin, *body, end = text.splitlines()
    broken = "\n".join([begin, "".join(body)[:cut], end])
    assert (public_half(broken), private_kind(broken), is_locked(broken)) == (b"", "", False)


def test_what_is_no_private_key_is_named(tmp_path):
    text, _ = made(tmp_path, "ed25519", "")
    assert strange_form(text) == strange_form("") == ("", "")
    assert "ls" in strange_form((tmp_path / "id.pub").read_text())[1]
    assert "puttygen" in strange_form("PuTTY-User-Key-File-3: ssh-ed25519\n")[1]
