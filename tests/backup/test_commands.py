"""The tasks backup.list, verify and prune: what is listed, verified and deleted."""

from mantodeus_ops.backup.commands import create, listing, prune_by_hand, verify
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import app_at, backed_up, host_of, names
from tests.support.fake_host import tree_of


def test_a_backup_that_is_not_whole_is_told_of_and_not_listed(tmp_path):
    host = app_at(tmp_path / "site")
    whole, cut = backed_up(host)["name"], backed_up(host)["name"]
    archive = tmp_path / "site/backups" / f"{cut}.tar.gz"
    archive.unlink()  # it shares its bytes with the other
    archive.write_bytes(b"cut")
    assert [one["name"] for one in listing(host).data["backups"]] == [whole]
    assert f"{cut} has a manifest but no complete archive; it is not listed" in host.events.notes


def test_a_backup_that_is_damaged_makes_the_result_red_by_its_name(tmp_path):
    host = app_at(tmp_path / "site")
    whole, damaged = backed_up(host)["name"], backed_up(host)["name"]
    assert verify(host, "").status == "success"
    archive = tmp_path / "site/backups" / f"{damaged}.tar.gz"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 0xFF
    archive.unlink()  # it shares its bytes with the other
    archive.write_bytes(data)
    found = verify(host, "")
    assert (found.status, found.exit_code, found.hint) == ("failed", 7, "backup")
    assert found.error.startswith(f"1 of 2: {damaged}: ")
    assert verify(host, whole).status == "success"
    assert verify(host, f"backups/{damaged}.tar.gz").hint == "backup.list"


def test_a_backup_is_created_and_only_told_of_in_a_dry_run(tmp_path):
    app_at(tmp_path / "site")
    before = tree_of(tmp_path / "site")
    dry = host_of(tmp_path / "site", options=Options(dry_run=True))
    assert create(dry).status == "success"
    assert [line.split()[0] for line in dry.events.commands] == ["tar"]
    assert tree_of(tmp_path / "site") == before
    made = create(host_of(tmp_path / "site"))
    assert (made.status, made.data["pruned"]) == ("success", [])
    assert names(tmp_path / "site/backups") == [
        f"{made.data['backup']}.json",
        f"{made.data['backup']}.tar.gz",
    ]


def test_backups_outside_the_retention_are_deleted_and_only_told_of_in_a_dry_run(tmp_path):
    host = app_at(tmp_path / "site")
    assert prune_by_hand(host).status == "unchanged"
    made = []
    for state in range(3):
        (tmp_path / "site/dist/index.js").write_text(f"{state};\n")
        made.append(backed_up(host)["name"])
    before = names(tmp_path / "site/backups")
    few = {"keep_backups": 1}
    dry = host_of(tmp_path / "site", options=Options(dry_run=True), **few)
    told = prune_by_hand(dry)
    assert told.data["pruned"] == made[:1]  # the newest good one before the last is kept, too
    assert [line.split()[0] for line in dry.events.commands] == ["rm"]
    assert names(tmp_path / "site/backups") == before
    done = prune_by_hand(host_of(tmp_path / "site", **few))
    assert (done.status, done.data["pruned"]) == ("success", made[:1])
    assert done.data["bytes"] > 0
    assert len(names(tmp_path / "site/backups")) == len(before) - 2
