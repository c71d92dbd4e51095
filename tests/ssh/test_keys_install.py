"""A password is asked for once, unseen, sent to the pinned host only, and kept nowhere."""

from pathlib import PurePosixPath

import paramiko
import pytest

from mantodeus_ops.errors import HostKeyError, IdentityError, LoginRefusedError
from mantodeus_ops.inventory.parse import App, HostSpec, Inventory
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.remote.connect import ssh_transport
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.ssh import identity
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.ssh import key_files
from mantodeus_ops.ssh.keys import install
from tests.support.fake_host import Heard
from tests.support.password_server import serving
from tests.support.streams import Terminal

CANARY = "canary-c0ffee'$(id)"


def host_in(folder, server):
    """Return the host that this server is."""
    app = App(project_dir=PurePosixPath("/srv/app"), name="m", health_url="http://localhost:1/")
    spec = HostSpec("web1", "127.0.0.1", server.port, "me", identity_file="id", app=app)
    way = SshTarget(spec, Inventory(str(folder / "hosts.toml"), {"web1": spec}, {}, ""))
    return Host(spec, ssh_transport(way), Options(), Heard(), way)


@pytest.fixture
def typing(monkeypatch):
    """Return what lets a person type this when asked; it returns the questions."""

    def let(text):
        asked = []
        monkeypatch.setattr("sys.stdin", Terminal())
        monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or text)
        return asked

    return let


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a key, beside an empty home."""
    (tmp_path / "home").mkdir()
    key_files.generate(tmp_path / "id", "", "me@here")
    return tmp_path


@pytest.mark.parametrize("methods", ["publickey,password", "publickey,keyboard-interactive"])
def test_a_password_lets_the_key_in_and_only_once(folder, typing, methods):
    asked = typing(CANARY)
    with serving(folder / "home", CANARY, methods) as server:
        (folder / "known_hosts").write_text(server.known_hosts_line())
        report = install(host_in(folder, server))
        assert (report.status, report.data["login"]) == ("success", "proven")
        assert install(host_in(folder, server)).status == "unchanged"
    file = folder / "home" / ".ssh" / "authorized_keys"
    assert file.read_text() == (folder / "id.pub").read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert asked == [f"Password of me on web1 (127.0.0.1:{server.port}), for this once: "]
    assert set(server.door.tried) == {CANARY}
    assert "canary" not in REDACTOR.text(f"it was {CANARY}")
    everything = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert not [data for data in everything if b"canary" in data]


def test_a_wrong_password_is_told_and_not_repeated(folder, typing):
    typing(f"{CANARY}-wrong")
    with serving(folder / "home", CANARY) as server:
        (folder / "known_hosts").write_text(server.known_hosts_line())
        with pytest.raises(
            LoginRefusedError, match="accepted neither the key nor the password"
        ) as told:
            install(host_in(folder, server))
    assert "canary" not in told.value.message + told.value.hint
    assert list((folder / "home").iterdir()) == []


def test_a_host_that_refuses_the_key_that_it_has_now_is_told_of(folder, typing, mocker):
    typing(CANARY)
    with serving(folder / "home", CANARY) as server:
        (folder / "known_hosts").write_text(server.known_hosts_line())
        # A server with another file of keys.
        mocker.patch.object(server.door, "check_auth_publickey", return_value=paramiko.AUTH_FAILED)
        with pytest.raises(LoginRefusedError, match="has the key now but still refuses it"):
            install(host_in(folder, server))


@pytest.mark.parametrize("line", ["", "[127.0.0.1]:{port} ssh-ed25519 {other}\n"])
def test_no_password_goes_to_a_host_whose_key_is_not_the_pinned_one(folder, typing, line):
    asked = typing(CANARY)
    other = (folder / "id.pub").read_text().split()[1]
    with serving(folder / "home", CANARY) as server:
        (folder / "known_hosts").write_text(line.format(port=server.port, other=other))
        with pytest.raises(HostKeyError):
            install(host_in(folder, server))
        assert (asked, server.door.tried) == ([], [])


def test_nobody_there_and_no_use_of_a_password_are_told(folder, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with serving(folder / "home", CANARY) as server:
        (folder / "known_hosts").write_text(server.known_hosts_line())
        with pytest.raises(LoginRefusedError, match="there is no terminal to ask for the password"):
            install(host_in(folder, server))
        server.door.methods = "publickey"
        with pytest.raises(LoginRefusedError, match="it accepts no passwords either"):
            install(host_in(folder, server))
    assert server.door.tried == []


def test_a_key_that_does_not_open_is_no_reason_to_ask_for_a_password(folder, typing):
    (folder / "id").unlink()
    key_files.generate(folder / "id", "the passphrase", "me@here")
    identity._OPENED.clear()
    asked = typing("another one")
    with serving(folder / "home", CANARY) as server:
        (folder / "known_hosts").write_text(server.known_hosts_line())
        with pytest.raises(IdentityError, match="the passphrase of"):
            install(host_in(folder, server))
        assert server.door.tried == []
    assert asked == [f"Passphrase for {folder}/id: "]
