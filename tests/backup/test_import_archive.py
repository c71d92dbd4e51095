import json
import shutil
import tarfile

import pytest

from mantodeus_ops.backup.transfer import pull, push
from mantodeus_ops.errors import HostError, OpsError, StepFailedError, UsageError
from mantodeus_ops.remote.answers.programs import VERIFY_BACKUPS
from mantodeus_ops.remote.jobs import program_job
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import (
    LARGE,
    PLACES,
    CutCopy,
    app_at,
    backed_up,
    forged,
    host_of,
    listed,
    manifest,
    names,
)
from tests.support.fake_host import Heard, tree_of

OLD = "backup-20200102-030405"
GOOD = (("dist/index.js", "old();\n"), ("package-lock.json", "{}"))


def kept_out(folder):
    """Return everything on a host that a push may not change when it is refused."""
    found = tree_of(folder)
    return {name: what for name, what in found.items() if not name.startswith(".deploy")}


def wiped(host, made, folder):
    """Pull a backup, take it away from the host, and return what was pulled."""
    report = pull(host, made["name"], str(folder))
    for end in ("tar.gz", "json"):
        (host.app.project_dir / "backups" / f"{made['name']}.{end}").unlink()
    return report.data["file"]


def test_what_was_made_here_comes_back_as_what_it_was(tmp_path):
    host = app_at(tmp_path / "site")
    made = backed_up(host, "good")
    before = listed(host)[made["name"]]
    report = push(host, wiped(host, made, tmp_path / "to"))
    after = listed(host)[made["name"]]
    assert report.status == "success"
    same = ("content", "verdict", "sha256", "entries", "plain_bytes", "revision", "branch", "at")
    assert {key: after[key] for key in same} == {key: before[key] for key in same}
    assert (after["differs"], sorted(after["same"])) == ([], sorted(before["same"]))
    parts = {one["path"]: one for one in manifest(host, made["name"])["parts"]}
    was = {one["path"]: one for one in made["parts"]}
    assert {name: one["content"] for name, one in parts.items()} == {
        name: one["content"] for name, one in was.items()
    }
    assert parts[".env"]["offset"] == was[".env"]["offset"]
    assert push(host, report_file(tmp_path, made)).status == "unchanged"


@pytest.mark.parametrize("here", [True, False])
def test_backups_that_are_made_after_a_push_are_whole(tmp_path, here):
    host = app_at(tmp_path / "site")
    made = backed_up(host)
    file = wiped(host, made, tmp_path / "to")
    if not here:
        (tmp_path / "site/.deploy/key").unlink()
    push(host, file)
    same = backed_up(host)
    (tmp_path / "site/dist/index.js").write_text("other();\n")
    other = backed_up(host)
    assert (same["verdict"], same["content"]) == ("good", made["content"])
    assert other["content"] != made["content"]
    job = program_job(host, "verify", VERIFY_BACKUPS, names=[], places=list(PLACES))
    assert [one["ok"] for one in job.follow().result["results"]] == [True] * 3


def report_file(folder, made):
    """Return where a pulled backup is."""
    return str(folder / "to" / f"{made['name']}.tar.gz")


def test_nothing_that_a_manifest_of_elsewhere_says_is_believed(tmp_path):
    elsewhere = app_at(tmp_path / "elsewhere")
    made = backed_up(elsewhere, "good")
    pull(elsewhere, made["name"], str(tmp_path / "to"))
    for end in ("json", "tar.gz"):
        (tmp_path / "to" / f"{made['name']}.{end}").rename(tmp_path / f"{OLD}.{end}")
    said = tmp_path / f"{OLD}.json"
    lies = {"sequence": 99, "content": "0" * 64, "paths": ["/"], "entries": 1, "live": {"entry": 1}}
    lies |= {"revision": "--upload-pack=x", "branch": "-x", "reason": "\x1b[2J", "at": 1e99}
    said.write_text(json.dumps(made | lies))
    host = app_at(tmp_path / "site")
    own = backed_up(host)
    push(host, str(tmp_path / f"{OLD}.tar.gz"))
    got = manifest(host, OLD)
    assert (got["verdict"], got["sequence"]) == ("unknown", own["sequence"] - 1)
    assert got["content"] == made["content"]
    assert (got["entries"], got["paths"]) == (made["entries"], made["paths"])
    assert (got["revision"], got["branch"], got["reason"]) == ("", "", "pushed by hand")
    assert {"seal", "live"} & set(got) == set()
    assert got["at"] < 2e9


def test_an_upload_goes_on_where_the_line_was_cut(tmp_path):
    made_at = app_at(tmp_path / "site", noise=LARGE)
    made = backed_up(made_at)
    file = wiped(made_at, made, tmp_path / "to")
    host = host_of(tmp_path / "site", line=CutCopy(500_000, 2_100_000))
    report = push(host, file)
    assert 0 < report.data["resumed_at"] < made["bytes"]
    assert host.events.notes.count("reconnected") == 2
    assert manifest(host, made["name"])["sha256"] == made["sha256"]
    assert [name for name in names(tmp_path / "site/backups") if name.startswith(".")] == []


def test_a_later_push_goes_on_with_what_an_earlier_one_left(tmp_path):
    made_at = app_at(tmp_path / "site", noise=LARGE)
    made = backed_up(made_at)
    file = wiped(made_at, made, tmp_path / "to")
    down = host_of(tmp_path / "site", line=CutCopy(2_500_000), options=Options(reconnect_seconds=0))
    with pytest.raises(OpsError, match="cannot be restored"):
        push(down, file)
    assert push(host_of(tmp_path / "site"), file).data["resumed_at"] > 1 << 20


def test_a_name_that_is_taken_by_other_bytes_is_not_written_over(tmp_path):
    host = app_at(tmp_path / "site")
    made = backed_up(host)
    before = kept_out(tmp_path / "site")
    forged(tmp_path / f"{made['name']}.tar.gz", *GOOD)
    with pytest.raises(HostError, match="already has another backup"):
        push(host, str(tmp_path / f"{made['name']}.tar.gz"))
    assert kept_out(tmp_path / "site") == before


@pytest.mark.parametrize("lies_there", [False, True])
def test_an_old_archive_without_a_manifest_becomes_a_backup(tmp_path, lies_there):
    host = app_at(tmp_path / "site")
    own = backed_up(host)
    archive = forged(tmp_path / f"{OLD}.tar.gz", ("dist", {"type": tarfile.DIRTYPE}), *GOOD)
    if lies_there:
        shutil.copy(archive, tmp_path / "site/backups")
    report = push(host, str(archive))
    found = listed(host)[OLD]
    assert report.data["resumed_at"] == (archive.stat().st_size if lies_there else 0)
    assert (found["verdict"], found["sequence"]) == ("unknown", own["sequence"] - 1)
    assert (found["paths"], found["absent"]) == (["dist", "package-lock.json"], [])
    assert any(".env: a rollback to it keeps the live one" in one for one in host.events.notes)
    assert found["at"] == 1577934245
    assert (tmp_path / "site/backups" / f"{OLD}.tar.gz").read_bytes() == archive.read_bytes()


def test_one_that_the_next_backup_would_prune_is_told_so(tmp_path):
    host = app_at(tmp_path / "site", keep_backups=1)
    backed_up(host)
    (tmp_path / "site/dist/index.js").write_text("other();\n")
    backed_up(host)
    push(host, str(forged(tmp_path / f"{OLD}.tar.gz", *GOOD)))
    assert any("the next backup prunes it" in note for note in host.events.notes)


LINK = {"type": tarfile.SYMTYPE}
HOSTILE = {
    "absolute": [("/etc/cron.d/x", "x")],
    "above": [("dist/../../x", "x")],
    "elsewhere": [("scripts/x", "x")],
    "a git hook": [(".git/hooks/post-checkout", "x")],
    "a link out": [("dist/out", {**LINK, "linkname": "../../x"})],
    "an absolute link": [("dist/out", {**LINK, "linkname": "/etc/passwd"})],
    "through a link": [("dist/in", {**LINK, "linkname": "."}), ("dist/in/x", "x")],
    "a hard link out": [("dist/x", {"type": tarfile.LNKTYPE, "linkname": "../x"})],
    "a device": [("dist/x", {"type": tarfile.CHRTYPE})],
    "a pipe": [("dist/x", {"type": tarfile.FIFOTYPE})],
    "setuid": [("dist/x", {"mode": 0o4755})],
    "twice": [("dist/x", "1"), ("dist/x", "2")],
    "nothing": [],
    "too large": [("dist/x", {"size": 1 << 60})],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the folder of an app with a backup, which no test that uses it changes."""
    folder = tmp_path_factory.mktemp("kept") / "site"
    backed_up(app_at(folder))
    return folder


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_archive_is_refused_whole_and_changes_nothing(site, tmp_path, kind):
    before = kept_out(site)
    with pytest.raises(StepFailedError, match=r"prove failed \(exit 94\)"):
        push(host_of(site), str(forged(tmp_path / f"{OLD}.tar.gz", *HOSTILE[kind])))
    assert kept_out(site) == before


@pytest.mark.parametrize(
    "damage",
    [{"tail": b"more"}, {"end": b"x" * 512}, {"end": bytes(1 << 20)}],
    ids=["after the gzip", "after the tar", "zeros for ever"],
)
def test_what_goes_on_after_its_end_is_refused(tmp_path, damage):
    host = app_at(tmp_path / "site")
    before = kept_out(tmp_path / "site")
    with pytest.raises(StepFailedError, match=r"after its end|no whole gzip"):
        push(host, str(forged(tmp_path / f"{OLD}.tar.gz", *GOOD, **damage)))
    assert {**before, "backups": None}.keys() >= kept_out(tmp_path / "site").keys() - {"logs"}


def test_a_file_that_can_be_no_backup_is_refused_before_anything_is_asked(tmp_path):
    host = host_of(tmp_path / "site")
    (tmp_path / "db.tar.gz").write_text("x")
    with pytest.raises(UsageError, match="'db' is not the name of a backup"):
        push(host, str(tmp_path / "db.tar.gz"))
    with pytest.raises(UsageError, match="does not exist"):
        push(host, str(tmp_path / f"{OLD}.tar.gz"))
    forged(tmp_path / f"{OLD}.tar.gz", *GOOD)
    (tmp_path / f"{OLD}.json").write_text(json.dumps({"sha256": "0" * 64}))
    with pytest.raises(OpsError, match="is damaged"):
        push(host, str(tmp_path / f"{OLD}.tar.gz"))


@pytest.mark.parametrize("text", ["no JSON", "[]", "{" + " " * (5 << 20) + "}"])
def test_a_manifest_that_is_none_is_told_and_not_sent(tmp_path, text):
    host = app_at(tmp_path / "site")
    archive = forged(tmp_path / f"{OLD}.tar.gz", *GOOD)
    (tmp_path / f"{OLD}.json").write_text(text)
    assert push(host, str(archive)).status == "success"
    assert f"{tmp_path / OLD}.json is not a manifest; only the archive is sent" in host.events.notes


def test_a_dry_run_says_what_would_be_copied_and_leaves_no_trace(tmp_path):
    heard = Heard()
    app_at(tmp_path / "site")
    host = host_of(tmp_path / "site", heard=heard, options=Options(dry_run=True))
    archive = forged(tmp_path / f"{OLD}.tar.gz", *GOOD)
    before = tree_of(tmp_path / "site")
    push(host, str(archive))
    assert heard.commands == [f"scp {archive} local:{tmp_path}/site/backups/{archive.name}"]
    assert tree_of(tmp_path / "site") == before
