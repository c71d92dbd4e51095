"""Keys of every form and kind that people have: each is opened, or said to be what it is."""

import subprocess

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mantodeus_ops.remote.ssh.private_key_header import is_locked
from tests.remote.ssh.test_identity import load, make_key, refused
from tests.support.ssh_agents import an_agent
from tests.support.streams import Terminal

PHRASE = "canary-c0ffee"


@pytest.fixture
def asked(monkeypatch):
    """Let a person be there who types the right passphrase; return the questions."""
    found = []
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: found.append(prompt) or PHRASE)
    return found


def converted(path, *words):
    """Rewrite a key as a person does with ssh-keygen."""
    subprocess.run(["ssh-keygen", "-q", "-p", *words, "-f", str(path)], check=True)


@pytest.mark.parametrize("passphrase", ["", PHRASE])
@pytest.mark.parametrize(("kind", "told"), [("rsa", "ssh-rsa"), ("ecdsa", "ecdsa-sha2-nistp256")])
def test_a_key_of_another_kind_is_reported_before_a_passphrase_is_asked(
    tmp_path, asked, kind, told, passphrase
):
    path = make_key(tmp_path / "id", kind, passphrase)
    assert refused(tmp_path, "id")[0] == f"{path} is a key of type {told}; only ed25519 is offered"
    if kind == "rsa":
        converted(path, "-m", "PEM", "-P", passphrase, "-N", passphrase)
        assert "a key of type ssh-rsa; only ed25519" in refused(tmp_path, "id")[0]
        assert is_locked(path.read_text()) is bool(passphrase)
    assert asked == []
    converted(path, "-m", "PKCS8", "-P", passphrase, "-N", passphrase)
    assert is_locked(path.read_text()) is bool(passphrase)
    assert "is a key of type " in refused(tmp_path, "id")[0]
    assert len(asked) == bool(passphrase)  # this form tells its kind only when it is opened


@pytest.mark.parametrize("passphrase", ["", PHRASE])
def test_an_ed25519_key_in_the_form_of_others_is_a_key(tmp_path, asked, passphrase):
    lock = form.BestAvailableEncryption(PHRASE.encode()) if passphrase else form.NoEncryption()
    made = Ed25519PrivateKey.generate()
    text = made.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, lock)
    (tmp_path / "id").write_bytes(text)
    (tmp_path / "id").chmod(0o600)
    assert load(tmp_path, "id").sign_ssh_data(b"data")
    assert len(asked) == bool(passphrase)


@pytest.mark.parametrize("cipher", ["aes256-ctr", "aes256-cbc", "aes256-gcm@openssh.com"])
def test_a_lock_of_any_usual_cipher_is_opened(tmp_path, asked, cipher):
    path = make_key(tmp_path / "id", passphrase=PHRASE)
    converted(path, "-Z", cipher, "-P", PHRASE, "-N", PHRASE)
    assert load(tmp_path, "id").can_sign()
    assert len(asked) == 1


def test_a_lock_that_we_cannot_open_is_not_a_wrong_passphrase(tmp_path, asked):
    path = make_key(tmp_path / "id", passphrase=PHRASE)
    converted(path, "-Z", "chacha20-poly1305@openssh.com", "-P", PHRASE, "-N", PHRASE)
    message, hint = refused(tmp_path, "id")
    assert "an unsupported cipher" in message
    assert hint.startswith(f"ssh-add {path}")
    assert len(asked) == 1


def test_a_public_half_whose_private_file_lies_beside_it_says_so(tmp_path, monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    path = make_key(tmp_path / "id")
    message, hint = refused(tmp_path, "id.pub")
    assert "no agent holds the key" in message
    assert f"its private key is {path}" in message
    assert "does not exist" not in message
    assert hint == f"ssh-add {path}  # or set identity_file = '{path}'"
    path.unlink()
    assert f"{path} does not exist" in refused(tmp_path, "id.pub")[0]


def test_a_public_half_of_another_kind_is_no_question_for_the_agent(tmp_path, monkeypatch):
    rsa = make_key(tmp_path / "id", "rsa")
    with an_agent(monkeypatch, rsa):
        assert "is a key of type ssh-rsa; only ed25519" in refused(tmp_path, "id.pub")[0]
        message, hint = refused(tmp_path, "")
        assert "the agent holds ssh-rsa SHA256:" in message
        assert "ssh.keygen" in hint


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 !!!", "a b c", "\xff\xfe"])
def test_what_is_no_public_half_is_told(tmp_path, text):
    (tmp_path / "id.pub").write_text(text)
    message, hint = refused(tmp_path, "id.pub")
    assert "is not a public key" in message
    assert hint == f"ssh-keygen -l -f {tmp_path / 'id.pub'}"


def test_what_people_name_instead_of_a_private_key_is_told_as_what_it_is(tmp_path):
    path = make_key(tmp_path / "other")
    for text, words, command in (
        (path.with_suffix(".pub").read_text(), "it is the public half of a key", "ls "),
        ("PuTTY-User-Key-File-3: ssh-ed25519\n", "a key in PuTTY's form", "puttygen "),
    ):
        (tmp_path / "id").write_text(text)
        (tmp_path / "id").chmod(0o600)
        message, hint = refused(tmp_path, "id")
        assert words in message
        assert hint.startswith(command)


def test_a_key_in_a_folder_that_others_can_write_is_refused(tmp_path):
    (tmp_path / "keys").mkdir()
    make_key(tmp_path / "keys/id")
    (tmp_path / "keys").chmod(0o777)
    for name in ("id", "id.pub"):
        message, hint = refused(tmp_path, f"keys/{name}")
        assert f"others can write {tmp_path / 'keys'}" in message
        assert hint == f"chmod o-w {tmp_path / 'keys'}" or hint.startswith("chmod go-w")


def test_a_certificate_beside_the_key_is_shown_with_it(tmp_path):
    make_key(tmp_path / "ca")
    make_key(tmp_path / "id")
    argv = ["ssh-keygen", "-q", "-s", tmp_path / "ca", "-I", "me", "-n", "me", tmp_path / "id.pub"]
    subprocess.run(argv, check=True)
    key = load(tmp_path, "id")
    assert isinstance(key, paramiko.Ed25519Key)
    assert key.public_blob.key_type == "ssh-ed25519-cert-v01@openssh.com"
