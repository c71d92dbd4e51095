"""Keys with passphrases are replaced by such keys; each is asked for once, and hidden."""

import base64
import re
from pathlib import PurePosixPath

import paramiko
import pytest

from mantodeus_ops.errors import IdentityError, LoginRefusedError, OpsError
from mantodeus_ops.inventory.parse import App, HostSpec, Inventory
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.remote.connect import accepts_key, ssh_transport
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.options import Options
from mantodeus_ops.remote.ssh import identity
from mantodeus_ops.remote.ssh.target import SshTarget
from mantodeus_ops.ssh import key_files, rotate
from tests.remote.ssh.test_identity import make_key
from tests.support.fake_host import Heard
from tests.support.password_server import _Door, serving
from tests.support.streams import Terminal

OLD, NEW = "canary-of-old", "canary-of-new"


@pytest.fixture
def host(tmp_path):
    """Yield a host that lets a key with a passphrase in; its entry names a link to that."""
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    (tmp_path / "keys").mkdir(mode=0o700)
    make_key(tmp_path / "keys" / "id", passphrase=OLD)
    (tmp_path / "link").symlink_to("keys/id")
    (tmp_path / "home/.ssh/authorized_keys").write_text((tmp_path / "keys/id.pub").read_text())
    app = App(project_dir=PurePosixPath("/srv/app"), name="m", health_url="http://localhost:1/")
    rotate._TURNED.clear()
    with serving(tmp_path / "home", "none", "publickey") as server:
        (tmp_path / "known_hosts").write_text(server.known_hosts_line())
        spec = HostSpec("web1", "127.0.0.1", server.port, "me", identity_file="link", app=app)
        way = SshTarget(spec, Inventory(str(tmp_path / "hosts.toml"), {"web1": spec}, {}, ""))
        yield Host(spec, ssh_transport(way), Options(), Heard(), way)


@pytest.fixture
def asked(monkeypatch):
    """Let a person type; return the questions."""
    questions = []

    def typed(prompt):
        questions.append(re.sub(r"/\S*/", "", prompt))
        return NEW if "empty" in prompt or "once more" in prompt.lower() else OLD

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", typed)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return questions


def test_each_passphrase_is_asked_for_once_and_before_any_step(host, asked, tmp_path):
    before = (tmp_path / "keys" / "id.pub").read_text()
    report = rotate.rotate(host)
    assert asked == ["Passphrase for id: ", "Passphrase for id.new (empty: none): ", "Once more: "]
    assert (report.status, report.data["passphrase"]) == ("success", True)
    after = (tmp_path / "keys" / "id.pub").read_text()
    assert after.split()[1] != before.split()[1]
    assert (tmp_path / "home/.ssh/authorized_keys").read_text() == after
    assert (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == ["id", "id.pub"]
    assert "canary" not in REDACTOR.text(f"{OLD} {NEW}")
    assert rotate.rotate(host).status == "unchanged"
    identity._OPENED.clear()
    with pytest.raises(IdentityError, match="the passphrase of"):
        accepts_key(host.target)


def test_a_key_before_that_is_another_is_not_thrown_away(host, asked, tmp_path):
    key_files.generate(tmp_path / "keys" / "id.old", "", "a key of somebody's")
    key_files.generate(tmp_path / "keys" / "id.new", "", "me")
    with pytest.raises(OpsError, match="is not the key to be replaced"):
        rotate.rotate(host)
    assert (tmp_path / "keys" / "id.old").exists()
    assert asked == ["Passphrase for id: "]


def test_a_new_key_of_a_run_that_was_cut_off_is_gone_on_with(host, asked, tmp_path):
    begun = key_files.generate(tmp_path / "keys" / "id.new", "", "cut")
    (tmp_path / "keys" / "id.new.pub").unlink()
    assert rotate.rotate(host, comment="mine").status == "success"
    [line] = (tmp_path / "home/.ssh/authorized_keys").read_text().splitlines()
    assert line == (tmp_path / "keys" / "id.pub").read_text().rstrip()
    assert line.split()[1:] == [base64.b64encode(begun.blob).decode(), "mine"]
    assert asked == ["Passphrase for id: "]


@pytest.mark.usefixtures("asked")
def test_a_host_that_lets_nobody_in_once_the_old_key_is_gone_is_told_of(
    host, tmp_path, monkeypatch
):
    keys = tmp_path / "home/.ssh/authorized_keys"
    old = keys.read_text()
    judged = _Door.check_auth_publickey

    def strict(door, username, key):
        """Let keys in only for as long as the line of the old one stands in the file."""
        return judged(door, username, key) if old in keys.read_text() else paramiko.AUTH_FAILED

    monkeypatch.setattr(_Door, "check_auth_publickey", strict)
    with pytest.raises(
        LoginRefusedError, match="refuses the new key, which it accepted"
    ) as refused:
        rotate.rotate(host, no_passphrase=True)
    assert refused.value.hint == "ssh.rotate  # again"
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [
        "id",
        "id.old",
        "id.pub",
    ]
    assert host.events.steps[-1] == ("refuse web1", "failed")


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (["id.new"], ["authorize", "ln", "mv", "dismiss", "rm"]),
        (["id.new", "id.old"], ["authorize", "ln", "mv", "dismiss", "rm"]),
        (["id.old"], ["dismiss", "rm"]),
    ],
)
def test_what_a_cut_has_left_is_not_told_again(host, tmp_path, there, told):
    for name in there:
        key_files.generate(tmp_path / "keys" / name, "", "me")
    host.options = Options(dry_run=True)
    assert rotate.rotate(host).status == "success"
    assert [line.split()[0] for line in host.events.commands] == told
