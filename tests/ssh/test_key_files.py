"""Key pairs in files: what OpenSSH makes of them, and what is never written over."""

import os
import stat
import subprocess

import pytest

from mantodeus_ops.errors import OpsError, UsageError
from mantodeus_ops.ssh import key_files
from mantodeus_ops.ui import prompts
from tests.support.streams import Terminal

PASSPHRASE = "canary-c0ffee correct horse"


def modes(*paths):
    """Return the permission bits of these files."""
    return [oct(stat.S_IMODE(path.stat().st_mode)) for path in paths]


def opened(path, passphrase):
    """Return the public half that ssh-keygen finds in a private key with this passphrase."""
    argv = ["ssh-keygen", "-y", "-P", passphrase, "-f", str(path)]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split()[:2]


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE, "ü" * 36])
def test_a_new_key_is_one_that_openssh_opens(tmp_path, passphrase):
    old = os.umask(0)
    try:
        made = key_files.generate(tmp_path / "new" / ".ssh" / "id", passphrase, "me@here")
    finally:
        os.umask(old)
    path = tmp_path / "new" / ".ssh" / "id"
    public = path.with_name("id.pub")
    assert modes(path, public, path.parent) == ["0o600", "0o644", "0o700"]
    assert opened(path, passphrase) == public.read_text().split()[:2]
    assert (opened(path, "wrong") == []) is bool(passphrase)
    assert (made.comment, key_files.has_passphrase(path)) == ("me@here", bool(passphrase))
    assert sorted(path.parent.iterdir()) == [path, public]
    assert b"canary" not in path.read_bytes() + public.read_bytes()


def test_a_folder_for_keys_is_closed_and_one_that_others_write_in_gets_none(tmp_path):
    folder = tmp_path / ".ssh"
    folder.mkdir(mode=0o755)
    key_files.generate(folder / "id", "", "me")
    assert modes(folder) == ["0o700"]
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o770)
    with pytest.raises(OpsError, match="others can write") as refused:
        key_files.generate(tmp_path / "shared" / "id", "", "me")
    assert refused.value.hint == f"chmod 700 {tmp_path / 'shared'}"
    assert list((tmp_path / "shared").iterdir()) == []


def test_nothing_is_ever_written_over(tmp_path):
    path = tmp_path / "id"
    assert not key_files.exists(path)
    key_files.generate(path, "", "me")
    before = path.read_bytes()
    assert key_files.exists(path)
    with pytest.raises(OpsError, match="File exists"):
        key_files.generate(path, "", "me")
    assert path.read_bytes() == before
    path.write_text("something else")
    with pytest.raises(OpsError, match="it is never overwritten"):
        key_files.exists(path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OpsError):
        key_files.exists(path)
    with pytest.raises(OpsError):
        key_files.generate(path, "", "me")


def test_a_key_that_was_cut_off_before_its_first_byte_is_begun_again(tmp_path):
    (tmp_path / "id").touch(mode=0o600)
    assert not key_files.exists(tmp_path / "id")
    key_files.generate(tmp_path / "id", "", "me")
    (tmp_path / "id.pub").unlink()
    assert key_files.read_public_key(tmp_path / "id").comment == ""
    key_files.write_public_key(tmp_path / "id", "again")
    assert opened(tmp_path / "id", "") == (tmp_path / "id.pub").read_text().split()[:2]


def test_a_disk_that_takes_no_key_leaves_none(tmp_path, mocker):
    mocker.patch("os.write", side_effect=OSError(28, "No space left on device"))
    with pytest.raises(OpsError, match="No space left"):
        key_files.generate(tmp_path / "id", PASSPHRASE, "me")
    assert list(tmp_path.iterdir()) == []


def test_the_private_half_says_which_key_it_is_whatever_lies_beside_it(tmp_path):
    key_files.generate(tmp_path / "id", "", "me")
    key_files.generate(tmp_path / "other", "", "you")
    (tmp_path / "other.pub").replace(tmp_path / "id.pub")
    key_files.write_public_key(tmp_path / "id", "")
    assert opened(tmp_path / "id", "") == (tmp_path / "id.pub").read_text().split()[:2]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["one", "two"], "differ"),
        (["x" * 73, "x" * 73], "at most 72 bytes"),
        ([EOFError()], "no key"),
    ],
)
def test_a_passphrase_that_cannot_be_is_refused_before_anything_is_made(
    tmp_path, mocker, typed, told
):
    mocker.patch("sys.stdin", Terminal())
    mocker.patch("getpass.getpass", side_effect=typed)
    with pytest.raises(UsageError, match=told):
        key_files.generate(tmp_path / "id", prompts.new_passphrase("id"), "me")
    assert list(tmp_path.iterdir()) == []


def test_nobody_there_to_type_a_passphrase_is_told_of_none(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(UsageError, match="there is no terminal") as refused:
        prompts.new_passphrase("id")
    assert refused.value.hint.startswith("ssh.keygen --no-passphrase")
