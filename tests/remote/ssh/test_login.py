"""What a real sshd makes of our key, told by what it is: refused, not taken, or not enough."""

import getpass
import subprocess
from dataclasses import replace

import pytest

from mantodeus_ops.errors import (
    IdentityError,
    LoginRefusedError,
    SecondProofError,
    UnreachableError,
)
from mantodeus_ops.inventory.parse import HostSpec, Inventory
from mantodeus_ops.remote.connect import accepts_key
from mantodeus_ops.remote.ssh.connection import PinnedConnection
from mantodeus_ops.remote.ssh.login import by_identity, by_password
from mantodeus_ops.remote.ssh.target import SshTarget
from sandbox.openssh import Sshd
from tests.remote.ssh.test_identity import APP, make_key
from tests.support.password_server import serving
from tests.support.ssh_agents import an_agent

DIALOG = {"KbdInteractiveAuthentication": "yes"}
PASSWORD = {"PasswordAuthentication": "yes"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Return an sshd that lets in one key of an account, and the folder of its inventory."""
    folder = tmp_path_factory.mktemp("login")
    make_key(folder / "id")
    (folder / "authorized_keys").write_text((folder / "id.pub").read_text())
    server = Sshd(folder / "sshd", folder / "authorized_keys", {"PATH": "/usr/bin:/bin"})
    server.start()
    (folder / "known_hosts").write_text(server.known_hosts_line())
    yield server, folder
    server.stop()


def way(place, identity="id"):
    """Return the way to that sshd."""
    server, folder = place
    spec = HostSpec(
        "web1", "127.0.0.1", server.port, user=getpass.getuser(), identity_file=identity, app=APP
    )
    return SshTarget(spec, Inventory(str(folder / "hosts.toml"), {"web1": spec}, {}, ""))


def ended(found, login=by_identity):
    """Return how a login on this way ended: None when it succeeded."""
    line = PinnedConnection(found, login)
    try:
        line.open()
    except UnreachableError as error:
        return error
    else:
        return None
    finally:
        line.close()


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({}, None, []),
        (
            PASSWORD | {"AuthenticationMethods": "publickey,password"},
            SecondProofError,
            ["accepted the key of", "also requires password"],
        ),
        (
            DIALOG | {"AuthenticationMethods": "publickey,keyboard-interactive"},
            SecondProofError,
            ["accepted the key of", "also requires keyboard-interactive"],
        ),
        (
            {"AuthenticationMethods": "publickey,publickey"},
            SecondProofError,
            ["accepted the key of", "also requires publickey"],
        ),
        (
            PASSWORD | {"AuthenticationMethods": "password,publickey"},
            LoginRefusedError,
            ["accepts no keys, only password", "no password was sent"],
        ),
        (
            PASSWORD | {"PubkeyAuthentication": "no"},
            LoginRefusedError,
            ["accepts no keys, only password"],
        ),
        (
            DIALOG | {"PubkeyAuthentication": "no"},
            LoginRefusedError,
            ["accepts no keys, only keyboard-interactive"],
        ),
        ({"PubkeyAuthentication": "no"}, LoginRefusedError, ["and names no other method"]),
        ({"DenyUsers": "*"}, LoginRefusedError, ["this key is not authorized"]),
    ],
)
def test_what_the_server_made_of_a_key_that_it_knows(place, options, kind, words):
    place[0].again(**options)
    found = ended(way(place))
    assert type(found) is (kind or type(None)), found
    assert found is None or found.hint
    assert [word for word in words if word not in found.message] == []


def test_a_key_that_is_the_first_of_two_proofs_is_not_said_to_be_refused(place):
    make_key(place[1] / "other")
    place[0].again(AuthenticationMethods="publickey,password", **PASSWORD)
    with pytest.raises(SecondProofError):
        accepts_key(way(place))
    assert accepts_key(way(place, "other")) is False
    assert "this key is not authorized" in ended(way(place, "other")).message


def test_an_agent_that_holds_the_key_and_does_not_sign_is_our_own_side(place, monkeypatch):
    place[0].again()
    with an_agent(monkeypatch, place[1] / "id"):
        assert ended(way(place, "id.pub")) is None
    monkeypatch.setenv("SSH_ASKPASS", "/bin/false")
    with an_agent(monkeypatch):
        subprocess.run(["ssh-add", "-q", "-c", str(place[1] / "id")], check=True)
        found = ended(way(place, "id.pub"))
        assert type(found) is IdentityError
        assert "did not sign" in found.message
        assert "SHA256:" in found.message


@pytest.mark.parametrize(
    ("methods", "typed", "kind", "words"),
    [
        ("password", "right", None, ""),
        ("keyboard-interactive", "right", None, ""),
        ("password", "wrong", LoginRefusedError, "this password is not authorized"),
        ("keyboard-interactive", "wrong", LoginRefusedError, "this password is not authorized"),
        ("publickey", "right", LoginRefusedError, "it accepts no passwords, only publickey"),
    ],
)
def test_what_a_server_makes_of_a_password(tmp_path, methods, typed, kind, words):
    with serving(tmp_path, "right", methods) as server:
        (tmp_path / "known_hosts").write_text(server.known_hosts_line())
        found = ended(way((server, tmp_path)), by_password(typed))
    assert type(found) is (kind or type(None)), found
    assert found is None or words in found.message
    assert found is None or "no password was sent" not in found.message


def test_a_server_that_breaks_off_the_login_has_refused_nothing(place, tmp_path, mocker):
    with serving(tmp_path, "right") as server:
        mocker.patch.object(server.door, "check_auth_publickey", side_effect=ZeroDivisionError)
        there = way((server, place[1]))
        pins = tmp_path / "known_hosts"
        pins.write_text(server.known_hosts_line())
        found = ended(replace(there, spec=replace(there.spec, known_hosts=str(pins))))
    assert type(found) is UnreachableError
    assert "closed the connection during the login" in found.message
