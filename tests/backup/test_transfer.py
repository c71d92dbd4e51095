import fcntl
import json

import pytest

from mantodeus_ops.backup.transfer import pull
from mantodeus_ops.errors import HostError, OpsError
from tests.support.backup_transfers import LARGE, CutCopy, app_at, backed_up, names


def test_the_newest_backup_is_pulled_private_and_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    host = app_at(tmp_path / "site")
    backed_up(host)
    made = backed_up(host)
    report = pull(host, "", "")
    assert (report.status, report.data["backup"]) == ("success", made["name"])
    folder = tmp_path / "backups/here"
    assert names(folder) == [f"{made['name']}.json", f"{made['name']}.tar.gz"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}
    archive = folder / f"{made['name']}.tar.gz"
    assert archive.read_bytes() == (tmp_path / "site/backups" / archive.name).read_bytes()
    assert json.loads(archive.with_name(f"{made['name']}.json").read_text()) == made
    assert host.events.progress == (made["bytes"], made["bytes"])
    assert pull(host, f"backups/{made['name']}.tar.gz", "").status == "unchanged"


def test_a_pull_goes_on_at_the_byte_where_the_line_was_cut(tmp_path):
    host = app_at(tmp_path / "site", noise=LARGE, line=CutCopy(100_000, 1_000_000, 1))
    made = backed_up(host)
    report = pull(host, made["name"], str(tmp_path / "to"))
    assert report.data["resumed_at"] > 1_000_000
    assert host.events.notes == ["the connection was lost; reconnecting", "reconnected"] * 3
    whole = (tmp_path / "site/backups" / f"{made['name']}.tar.gz").read_bytes()
    assert (tmp_path / "to" / f"{made['name']}.tar.gz").read_bytes() == whole


def test_a_later_pull_goes_on_with_what_an_earlier_one_left(tmp_path):
    host = app_at(tmp_path / "site", noise=LARGE)
    made = backed_up(host)
    whole = (tmp_path / "site/backups" / f"{made['name']}.tar.gz").read_bytes()
    (tmp_path / f"{made['name']}.tar.gz.part").write_bytes(whole[:70_001])
    assert pull(host, "", str(tmp_path)).data["resumed_at"] == 70_001
    assert (tmp_path / f"{made['name']}.tar.gz").read_bytes() == whole


def test_what_is_longer_than_the_backup_is_begun_anew(tmp_path):
    host = app_at(tmp_path / "site")
    made = backed_up(host)
    part = tmp_path / f"{made['name']}.tar.gz.part"
    part.write_bytes(bytes(made["bytes"] + 1))
    assert pull(host, "", str(tmp_path)).data["resumed_at"] == 0
    assert not part.exists()


def test_what_is_not_what_the_manifest_says_is_thrown_away(tmp_path):
    host = app_at(tmp_path / "site")
    made = backed_up(host)
    to = tmp_path / "to"
    to.mkdir()
    (to / f"{made['name']}.tar.gz.part").write_bytes(b"x")
    with pytest.raises(OpsError, match=r"does not match its manifest.*deleted"):
        pull(host, "", str(to))
    assert names(to) == []
    assert pull(host, "", str(to)).data["resumed_at"] == 0


def test_what_is_here_under_the_same_name_is_not_written_over(tmp_path):
    host = app_at(tmp_path / "site")
    made = backed_up(host)
    mine = tmp_path / f"{made['name']}.tar.gz"
    mine.write_text("mine")
    with pytest.raises(OpsError, match="exists with different content; nothing was changed"):
        pull(host, "", str(tmp_path))
    assert mine.read_text() == "mine"


def test_two_that_pull_the_same_do_not_mix(tmp_path):
    host = app_at(tmp_path / "site")
    made = backed_up(host)
    with (tmp_path / f"{made['name']}.tar.gz.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(OpsError, match="another process is writing"):
            pull(host, "", str(tmp_path))


def test_what_cannot_be_written_here_is_no_mistake_of_ours(tmp_path):
    host = app_at(tmp_path / "site")
    backed_up(host)
    (tmp_path / "file").write_text("")
    with pytest.raises(OpsError, match="on this machine: Not a directory"):
        pull(host, "", str(tmp_path / "file/below"))


def test_a_backup_that_is_not_there_is_named_with_those_that_are(tmp_path):
    host = app_at(tmp_path / "site")
    with pytest.raises(HostError, match="there is no backup yet"):
        pull(host, "", str(tmp_path))
    made = backed_up(host)
    with pytest.raises(HostError, match=f"no complete backup nothing.*{made['name']}"):
        pull(host, "nothing", str(tmp_path))


def test_an_archive_that_is_cut_short_on_the_host_meanwhile_is_told(tmp_path):
    host = app_at(tmp_path / "site", line=CutCopy(50_000))
    made = backed_up(host)
    archive = tmp_path / "site/backups" / f"{made['name']}.tar.gz"
    host.on_reconnect(lambda: archive.write_bytes(b"short"))
    with pytest.raises(HostError, match="cannot be read: it ends too early"):
        pull(host, "", str(tmp_path / "to"))
