"""A host key is pinned in known_hosts: atomically, with all other lines as they were."""

import threading

import pytest

from mantodeus_ops.errors import OpsError
from mantodeus_ops.ssh.pin import write_pin
from tests.ssh.test_local_audit import way_in

KEY, OTHER = "ssh-ed25519 AAAA", "ssh-ed25519 BBBB"
WHERE = "[web1.example]:2222"


def test_a_first_pin_makes_a_file_that_others_may_read(tmp_path):
    file = write_pin(way_in(tmp_path), KEY)
    assert file == tmp_path / "known_hosts"
    assert file.read_text() == f"{WHERE} {KEY}\n"
    assert file.stat().st_mode & 0o777 == 0o644


def test_a_pin_replaces_the_one_before_and_keeps_other_lines_and_the_mode(tmp_path):
    file = tmp_path / "known_hosts"
    file.write_text(f"# ours\n{WHERE} {OTHER}\nother.example {OTHER}\n")
    file.chmod(0o600)
    write_pin(way_in(tmp_path), KEY)
    text = file.read_text()
    assert f"{WHERE} {KEY}\n" in text
    assert f"{WHERE} {OTHER}" not in text
    assert "# ours\n" in text
    assert f"other.example {OTHER}\n" in text
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_one_and_its_target_is_written(tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/pins").write_text(f"a {OTHER}\n")
    (tmp_path / "known_hosts").symlink_to("shared/pins")
    write_pin(way_in(tmp_path), KEY)
    assert (tmp_path / "known_hosts").is_symlink()
    assert (tmp_path / "shared/pins").read_text() == f"a {OTHER}\n{WHERE} {KEY}\n"


def test_a_file_that_is_no_text_stays_as_it_is(tmp_path):
    (tmp_path / "known_hosts").write_bytes(b"\xff\xfe")
    with pytest.raises(OpsError, match="is not UTF-8 text; nothing was pinned"):
        write_pin(way_in(tmp_path), KEY)
    assert (tmp_path / "known_hosts").read_bytes() == b"\xff\xfe"


def test_threads_that_pin_at_once_lose_no_line(tmp_path):
    target = way_in(tmp_path)
    hosts = [target.inventory.hosts["web1"], target.inventory.hosts["web2"]]
    targets = [type(target)(spec, target.inventory) for spec in hosts]
    threads = [threading.Thread(target=write_pin, args=(one, KEY)) for one in targets * 10]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = (tmp_path / "known_hosts").read_text().splitlines()
    assert sorted(lines) == sorted([f"{WHERE} {KEY}", f"web2.example {KEY}"])
