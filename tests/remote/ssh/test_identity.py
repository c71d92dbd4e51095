import subprocess
from pathlib import PurePosixPath

import pytest

from mantodeus_ops.errors import IdentityError
from mantodeus_ops.inventory.parse import App, HostSpec, Inventory
from mantodeus_ops.remote.ssh.identity import load_identity
from mantodeus_ops.remote.ssh.target import SshTarget
from tests.support.ssh_agents import an_agent
from tests.support.streams import Terminal

APP = App(project_dir=PurePosixPath("/srv/app"), name="manager", health_url="http://localhost:1/")


def make_key(path, kind="ed25519", passphrase=""):
    """Make a key pair, as a person does; return the private key's path."""
    argv = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run(argv, check=True)
    return path


def load(folder, identity_file):
    """Return the identity of a host whose inventory is in this folder."""
    spec = HostSpec("web1", "web1.example", identity_file=str(identity_file), app=APP)
    return load_identity(SshTarget(spec, Inventory(str(folder / "hosts.toml"), {}, {}, "")))


def refused(folder, identity_file):
    """Return why an identity is refused, and the command that mends it."""
    with pytest.raises(IdentityError) as caught:
        load(folder, identity_file)
    assert caught.value.hint
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_key_of_our_own_is_loaded(tmp_path, mode):
    path = make_key(tmp_path / "id")
    path.chmod(mode)
    public = (tmp_path / "id.pub").read_text().split()
    assert load(tmp_path, "id").get_base64() == public[1]
    assert load(tmp_path / "elsewhere", path).get_base64() == public[1]


def test_a_key_is_found_below_the_home(tmp_path, monkeypatch):
    make_key(tmp_path / "id")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert load(tmp_path / "elsewhere", "~/id").get_name() == "ssh-ed25519"


@pytest.mark.parametrize("mode", [0o640, 0o644, 0o604, 0o660, 0o610, 0o601])
def test_a_key_that_others_can_reach_is_refused(tmp_path, mode):
    make_key(tmp_path / "id").chmod(mode)
    message, hint = refused(tmp_path, "id")
    assert message == f"others can read {tmp_path / 'id'} (mode {mode:o})"
    assert hint == f"chmod 600 {tmp_path / 'id'}"


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_a_key_of_another_kind_is_refused(tmp_path, kind):
    make_key(tmp_path / "id", kind)
    message, hint = refused(tmp_path, "id")
    assert "only ed25519 is offered" in message
    assert hint.startswith("ssh-keygen -t ed25519")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a key\n",
        b"\xff\xfe\x00",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\nYWJj\n-----END OPENSSH PRIVATE KEY-----\n",
        b"-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n",
        b"-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n",
    ],
)
def test_a_file_that_holds_no_key_is_refused(tmp_path, content):
    (tmp_path / "id").write_bytes(content)
    (tmp_path / "id").chmod(0o600)
    assert refused(tmp_path, "id")[0].startswith(f"{tmp_path / 'id'} is not a private key")


def test_the_public_half_alone_is_for_an_agent_to_use(tmp_path, monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    make_key(tmp_path / "id")
    assert "no agent holds the key" in refused(tmp_path, "id.pub")[0]


def test_a_key_with_a_passphrase_is_refused_when_nobody_is_there_to_type_it(tmp_path):
    make_key(tmp_path / "id", passphrase="canary-c0ffee")
    message, hint = refused(tmp_path, "id")
    assert "no terminal can ask for the passphrase" in message
    assert hint == f"ssh-add {tmp_path / 'id'}"


@pytest.mark.parametrize("typed", ["canary-c0ffee", "wrong"])
def test_a_passphrase_that_a_person_types_opens_the_key_or_does_not(tmp_path, monkeypatch, typed):
    make_key(tmp_path / "id", passphrase="canary-c0ffee")
    monkeypatch.setattr("sys.stdin", Terminal())
    asked = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or typed)
    if typed == "wrong":
        assert "the passphrase of" in refused(tmp_path, "id")[0]
    else:
        assert load(tmp_path, "id").can_sign()
        assert load(tmp_path, "id").can_sign()
    assert asked == [f"Passphrase for {tmp_path / 'id'}: "]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none", "No such file or directory"),
        ("~no-such-account/id", "No such file or directory"),
        ("folder", "is a directory, not a file"),
    ],
)
def test_what_is_no_file_is_refused(tmp_path, name, reason):
    (tmp_path / "folder").mkdir(mode=0o700)
    assert reason in refused(tmp_path, name)[0]


def test_a_file_of_somebody_else_is_refused(tmp_path):
    assert "belongs to another account" in refused(tmp_path, "/etc/passwd")[0]


def test_a_host_without_an_identity_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    message, hint = refused(tmp_path, "")
    assert message == "web1 has no identity_file in the inventory, and no agent has one"
    assert "fab -H web1 ssh.keygen" in hint


def test_a_key_is_left_to_the_agent_that_holds_it(tmp_path, monkeypatch):
    plain, locked = make_key(tmp_path / "plain"), make_key(tmp_path / "id", passphrase="canary")
    with an_agent(monkeypatch, plain) as add:
        assert refused(tmp_path, "id")[1] == f"ssh-add {locked}"
        assert load(tmp_path, "").asbytes() == load(tmp_path, "plain.pub").asbytes()
        add(locked, "canary")
        assert load(tmp_path, "id").asbytes() == load(tmp_path, "id.pub").asbytes()
        assert "the agent holds ssh-ed25519 SHA256:" in refused(tmp_path, "")[0]
        locked.unlink()
        assert load(tmp_path, "id").sign_ssh_data(b"data")
    assert "no agent holds the key" in refused(tmp_path, "id")[0]
