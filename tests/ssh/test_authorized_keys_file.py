"""The account's authorized_keys on a host: put whole, or left as it is."""

import base64
import hashlib

import pytest

from mantodeus_ops.errors import HostError
from mantodeus_ops.remote.shell_script import query_shell
from mantodeus_ops.ssh import authorized_keys_file
from tests.support.fake_host import host_at, tree_of


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Return the home of the account for programs on this machine."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_keys_are_put_whole_with_the_right_modes_or_not_at_all(home):
    host, file = host_at(home / "app"), home / ".ssh" / "authorized_keys"
    assert authorized_keys_file.read(host).text == ""
    assert authorized_keys_file.change(host, lambda text: f"{text}one\n")
    assert not authorized_keys_file.change(host, lambda text: text)
    (home / ".ssh").chmod(0o777)
    file.chmod(0o666)
    file.write_bytes(b"\xff \x85 no newline")
    assert authorized_keys_file.change(host, lambda text: text)
    assert [oct(path.stat().st_mode & 0o777) for path in (home / ".ssh", file)] == [
        "0o700",
        "0o600",
    ]
    assert authorized_keys_file.change(host, lambda text: f"{text}\nend\n")
    assert file.read_bytes() == b"\xff \x85 no newline\nend\n"
    assert list(file.parent.iterdir()) == [file]


def test_keys_that_come_in_part_or_too_late_replace_nothing(home):
    host, file = host_at(home / "app"), home / ".ssh" / "authorized_keys"
    authorized_keys_file.change(host, lambda _: "one\n")
    before, seen = tree_of(home), authorized_keys_file.read(host).digest
    whole = hashlib.sha256(b"two\nthree\n").hexdigest()
    with pytest.raises(HostError, match="did not arrive completely"):
        query_shell(host, "ssh/authorized_keys", "put", seen, whole, data=b"two\n")
    assert tree_of(home) == before
    stale = hashlib.sha256(b"other").hexdigest()
    answer = query_shell(host, "ssh/authorized_keys", "put", stale, whole, data=b"two\nthree\n")
    assert (answer["result"][0][0], tree_of(home)) == ("conflict", before)
    assert (
        base64.b64decode(query_shell(host, "ssh/authorized_keys", "show")["content"][0][0])
        == b"one\n"
    )
    tries = []

    def edit(text):
        tries.append(text)
        file.write_text(f"{len(tries)}\n")  # another client is always a little later
        return f"{text}mine\n"

    with pytest.raises(HostError, match="another program keeps changing"):
        authorized_keys_file.change(host, edit)
    assert file.read_text() == "3\n"


def test_a_link_to_the_keys_stays_one(home):
    host, file = host_at(home / "app"), home / ".ssh" / "authorized_keys"
    (home / ".ssh").mkdir()
    (home / "kept").mkdir()
    file.symlink_to("../kept/keys")
    (home / "kept" / "keys").write_text("one\n")
    assert authorized_keys_file.change(host, lambda text: f"{text}two\n")
    assert (file.is_symlink(), (home / "kept" / "keys").read_text()) == (True, "one\ntwo\n")
