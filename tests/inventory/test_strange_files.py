"""What may lie at our end where a file is read: one sentence for each, and no endless wait."""

import os
import threading

import pytest

from mantodeus_ops.errors import OpsError
from mantodeus_ops.inventory.locate import load_inventory
from mantodeus_ops.notify.announce import Announcer
from mantodeus_ops.remote.ssh.host_keys import read_pins
from mantodeus_ops.remote.ssh.identity import load_identity
from mantodeus_ops.ssh.key_files import read_public_key
from mantodeus_ops.ssh.keys import _to_install
from mantodeus_ops.ssh.local_audit import known_keys
from mantodeus_ops.ssh.pin import write_pin
from tests.remote.ssh.test_identity import make_key
from tests.ssh.test_local_audit import way_in
from tests.support.fake_host import Heard, host_at


def _notify(file):
    heard = Heard()
    Announcer(host_at(file.parent, heard=heard, notify_urls=(f"file:{file}",)), "deploy")
    raise OpsError(heard.notes[0], "told")


def _half(file):
    make_key(file.with_name("other"))
    file.with_name("other.pub").unlink()
    file.rename(file.with_name("other.pub"))
    return read_public_key(file.with_name("other"))


# What reads a file, the name that it has there, and whether another encoding is an error too.
READERS = {
    "inventory": ("hosts.toml", lambda _: load_inventory(), True),
    "pins": ("known_hosts", lambda f: read_pins(f, way_in(f.parent).spec), True),
    "a new pin": ("known_hosts", lambda f: write_pin(way_in(f.parent), "ssh-ed25519 AAAA"), True),
    "private key": ("id", lambda f: load_identity(way_in(f.parent)), True),
    "public half": ("id.pub", lambda f: load_identity(way_in(f.parent)), True),
    "public half of a private one": ("a.pub", _half, False),
    "a public half to compare": ("x.pub", lambda f: known_keys(way_in(f.parent)), False),
    "somebody's key": ("her.pub", lambda f: _to_install(way_in(f.parent), str(f)), True),
    "addresses": ("urls", _notify, True),
}


def _put(file, kind):
    if kind == "a pipe":
        os.mkfifo(file)
    elif kind == "a directory":
        file.mkdir()
    elif kind == "large":
        file.touch()
        os.truncate(file, 200_000_000)
    elif kind == "a circle":
        file.symlink_to(file.name)
    else:
        file.write_bytes(b"\xff\xfe\x00")
    if file.is_file():
        file.chmod(0o600)


@pytest.mark.parametrize("kind", ["a pipe", "a directory", "large", "no text", "a circle"])
@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_none_ends_in_one_sentence(tmp_path, monkeypatch, name, kind):
    place, read, in_words = READERS[name]
    monkeypatch.setenv("OPS_INVENTORY", str(tmp_path / "hosts.toml"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    _put(tmp_path / place, kind)
    ended = []

    def work():
        try:
            ended.append(read(tmp_path / place))
        except Exception as error:  # noqa: BLE001 - which it is, is what is asked
            ended.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(30)
    assert ended, "it waits for ever"
    skipped = name == "a public half to compare" and kind in {"a pipe", "a directory", "a circle"}
    none = name == "public half of a private one" and kind == "a circle"
    if skipped or none or (kind == "no text" and not in_words):
        assert not isinstance(ended[0], Exception)
    else:
        assert isinstance(ended[0], OpsError), repr(ended[0])
        assert ended[0].hint
        assert "\n" not in ended[0].message
        assert len(ended[0].message) < 300
