"""Files that become commands or trust: what is on the way to them, and what they are."""

import os
import socket
import threading

import pytest

from mantodeus_ops.errors import InventoryError
from mantodeus_ops.trusted_files import NAMED, Trust, on_the_way

TRUST = Trust(InventoryError, most=1000)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Return a good file, two folders deep."""
    monkeypatch.delenv(NAMED, raising=False)
    file = tmp_path / "a b/inventory/hosts.toml"
    file.parent.mkdir(parents=True, mode=0o755)
    file.write_text("x = 1\n")
    file.chmod(0o644)
    return file


def refused(path, trust=TRUST):
    """Return why a file is not read, and the command that mends it."""
    with pytest.raises(InventoryError) as caught:
        trust.read(path)
    return caught.value.message, caught.value.hint


def test_a_file_of_ours_below_folders_of_ours_is_read(file):
    assert TRUST.text(file) == "x = 1\n"


@pytest.mark.parametrize("levels", [0, 1, 2])
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
def test_a_place_that_others_can_write_is_refused_with_its_chmod(file, monkeypatch, levels, mode):
    monkeypatch.setattr("mantodeus_ops.trusted_files._is_ours_alone", lambda _: False)
    place = [file, *file.parents][levels]
    place.chmod(mode)
    message, hint = refused(file)
    assert str(place) in message
    assert f"(mode {mode:o})" in message
    who = {0o777: "go", 0o775: "g", 0o757: "o"}[mode]
    assert hint == f"chmod {who}-w '{place}'"
    os.system(hint)  # noqa: S605 - the hint is what is tested
    assert TRUST.text(file)


def test_a_sticky_folder_and_a_group_of_our_own_are_no_reason(file, monkeypatch):
    file.parent.chmod(0o1777)
    assert TRUST.text(file)
    monkeypatch.setattr("mantodeus_ops.trusted_files._is_ours_alone", lambda _: True)
    file.chmod(0o664)
    assert TRUST.text(file)


def owned(monkeypatch, *places):
    """Let these places, asked by name or by handle, belong to another account."""
    lstat, fstat = os.lstat, os.fstat
    theirs = {(found.st_dev, found.st_ino) for found in map(lstat, places)}

    def given(found):
        if (found.st_dev, found.st_ino) not in theirs:
            return found
        fields = list(found)
        fields[4] = 54321
        return os.stat_result(fields)

    monkeypatch.setattr("pathlib.Path.lstat", lambda path: given(lstat(path)))
    monkeypatch.setattr("os.fstat", lambda handle: given(fstat(handle)))


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_a_place_of_another_account_is_refused_with_its_chown(file, monkeypatch, levels):
    place = [file, *file.parents][levels]
    owned(monkeypatch, place)
    message, hint = refused(file)
    assert f"{place} belongs to another account (uid 54321)" in message
    assert hint == f"sudo chown {os.geteuid()} '{place}'"
    assert refused(file, Trust(InventoryError, "way out"))[1] == "way out"


def test_links_on_the_way_are_places_too(file, tmp_path, monkeypatch):
    assert file.exists()
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "open/link").symlink_to("../a b/inventory")
    assert str(tmp_path / "open") in refused(tmp_path / "open/link/hosts.toml")[0]
    (tmp_path / "mine").symlink_to("open/link/hosts.toml")
    assert str(tmp_path / "open") in refused(tmp_path / "mine")[0]
    (tmp_path / "open").chmod(0o1777)
    assert TRUST.text(tmp_path / "mine") == "x = 1\n"
    owned(monkeypatch, tmp_path / "open/link")
    assert str(tmp_path / "open/link") in refused(tmp_path / "mine")[0]


def test_every_folder_and_link_is_yielded_and_a_circle_has_an_end(tmp_path, monkeypatch):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "to").symlink_to(tmp_path / "a")
    (tmp_path / "a/b/file").write_text("")
    found = on_the_way(tmp_path / "to/b/../b/file")
    below = [place for place in found if tmp_path in place.parents]
    assert below == [tmp_path / name for name in ("to", "a", "a/b", "a", "a/b")]
    monkeypatch.chdir(tmp_path / "a")
    assert list(on_the_way(tmp_path.__class__("b/file")))[-2:] == [tmp_path / "a", tmp_path / "a/b"]
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(OSError, match="one"):
        list(on_the_way(tmp_path / "one"))


def test_what_is_read_is_the_file_that_was_looked_at(file, monkeypatch):
    """Another file takes the name as soon as the handle is open: it is neither judged nor read."""
    fstat = os.fstat

    def swapped(handle):
        other = file.with_name("other")
        other.write_text("theirs")
        other.chmod(0o666)
        other.replace(file)
        return fstat(handle)

    monkeypatch.setattr("os.fstat", swapped)
    assert TRUST.text(file) == "x = 1\n"


def test_what_is_no_file_is_refused_at_once(tmp_path, monkeypatch):
    monkeypatch.delenv(NAMED, raising=False)
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    os.mkdir("folder")  # noqa: PTH102
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        (tmp_path / "large").write_bytes(b"")
        os.truncate("large", 200_000_000)
        told = {}
        work = threading.Thread(
            target=lambda: told.update(
                {name: refused(tmp_path / name)[0] for name in ("pipe", "folder", "large")}
            ),
            daemon=True,
        )
        work.start()
        work.join(20)
        assert "is a pipe, not a file" in told["pipe"]
        assert "is a directory, not a file" in told["folder"]
        assert "has 200 MB" in told["large"]
        with pytest.raises(OSError, match="socket"):  # the system opens none
            TRUST.read(tmp_path / "socket")
    assert "is a device" in refused(tmp_path.__class__("/dev/zero"), Trust(InventoryError))[0]


def test_a_private_file_is_ours_and_closed(file):
    private = Trust(InventoryError, private=True)
    assert refused(file, private) == (
        f"others can read {file} (mode 644)",
        f"chmod 600 '{file}'",
    )
    file.chmod(0o600)
    assert private.read(file) == b"x = 1\n"
    assert "(uid 0)" in refused(file.__class__("/etc/passwd"), private)[0]


def test_who_names_an_inventory_trusts_its_owner_and_group_but_not_everybody(file, monkeypatch):
    owned(monkeypatch, file)
    stat = os.stat
    monkeypatch.setattr(
        "pathlib.Path.stat", lambda path, **_: os.lstat(path) if path != file else path.lstat()
    )
    monkeypatch.setenv(NAMED, str(file))
    assert TRUST.text(file)
    file.parent.chmod(0o775)
    assert TRUST.text(file)
    file.parent.chmod(0o777)
    assert refused(file)[1] == f"chmod o-w '{file.parent}'"
    assert stat(file)
