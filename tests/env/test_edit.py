"""What an `.env` is not changed through, and for: told before a byte is written."""

import json
import os

import pytest

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.dotenv.edit import set_variable
from mantodeus_ops.env import edit
from mantodeus_ops.env import inspect as env
from mantodeus_ops.env.apply import apply_env_change
from mantodeus_ops.errors import OpsError, PreflightError
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import app_at, host_of
from tests.support.fake_host import tree_of

DRY = Options(dry_run=True)


def refused(host, *told, restart=False, match=""):
    """Insist that a variable is not set, and that nothing was written; return the hint."""
    before = tree_of(host.app.project_dir)
    with pytest.raises(OpsError, match=match) as error:
        edit.set_value(host, *told, restart=restart)
    after = tree_of(host.app.project_dir)
    assert {name for name in after if not name.startswith((".deploy", "logs"))} == set(before)
    return error.value.hint


def test_a_link_that_leads_out_is_not_written_through(tmp_path):
    host = app_at(tmp_path / "site")
    (tmp_path / "site/.env").rename(tmp_path / "shared")
    (tmp_path / "site/.env").symlink_to("../shared")
    assert refused(host, "A", "1", match="is a link that leads") == "readlink -f .env"
    assert "A=1" not in (tmp_path / "shared").read_text()


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_looked_at_without_being_read_and_stays(tmp_path, make):
    host = app_at(tmp_path / "site")
    (tmp_path / "site/.env").unlink()
    make(tmp_path / "site/.env")
    facts = gather_facts(host, "env")["env"]
    assert (facts["present"], facts["digest"], facts["text"]) == (True, "", "")
    assert env.listing(host).data["variables"] == []
    with pytest.raises(PreflightError, match=r"\.env is no file") as no:
        edit.set_value(host, "A", "1", restart=False)
    assert no.value.hint == "ls -ld .env"


def test_an_app_that_nothing_was_deployed_to_is_not_restarted_for_it(tmp_path):
    host = app_at(tmp_path / "site")
    hint = refused(host, "A", "1", restart=True, match="nothing was deployed to here yet")
    assert hint == "env.set  # without --restart; then deploy"


def test_a_name_that_means_something_to_node_is_asked_about(tmp_path):
    host = app_at(tmp_path / "site")
    refused(host, "NODE_OPTIONS", "--x", match=r"Set it nevertheless\? There is no terminal")


def test_a_sync_without_an_example_is_refused(tmp_path):
    with pytest.raises(PreflightError, match="does not exist, so the needed variables are unknown"):
        edit.sync(app_at(tmp_path / "site"), restart=False)


def test_a_dry_run_says_what_would_be_done_or_that_nothing_would(tmp_path):
    app_at(tmp_path / "site")
    host = host_of(tmp_path / "site", options=DRY)
    before = tree_of(tmp_path / "site")
    edit.set_value(host, "JWT_SECRET", "canary-0123456789", restart=False)
    assert (host.events.notes, host.events.commands) == (["nothing would change"], [])
    edit.set_value(host, "A", "1", restart=False)
    assert [line.split()[0] for line in host.events.commands] == ["tar", "mv"]
    assert tree_of(tmp_path / "site") == before


def test_what_a_variable_is_for_is_told_once_it_is_changed(tmp_path):
    host = app_at(tmp_path / "site")
    (tmp_path / "site/.env").write_text("A=1\nA=2\n")
    assert edit.set_value(host, "VITE_API", "x", restart=False).status == "success"
    assert any("VITE_API is built into the pages" in note for note in host.events.notes)
    assert edit.unset(host, "B", restart=False).status == "unchanged"
    assert "B is not in .env" in host.events.notes
    edit.unset(host, "A", restart=False)
    assert "A is assigned in lines 1, 2: the last one counts" in host.events.notes
    assert (tmp_path / "site/.env").read_text() == "VITE_API=x\n"


def test_a_required_variable_goes_only_when_a_person_says_so(tmp_path):
    app_at(tmp_path / "site")
    host = host_of(tmp_path / "site", required_env=("JWT_SECRET",))
    with pytest.raises(OpsError, match=r"JWT_SECRET is required by the inventory. Remove it\?"):
        edit.unset(host, "JWT_SECRET", restart=False)
    assert "canary" in (tmp_path / "site/.env").read_text()


def test_a_file_that_is_not_there_is_compared_with_nothing(tmp_path):
    host = app_at(tmp_path / "site")
    (tmp_path / "site/.env").unlink()
    with pytest.raises(PreflightError, match=r"\.env is missing") as refused_:
        env.diff(host)
    assert refused_.value.hint == "fab -H here env.sync"


def test_a_file_that_somebody_changed_meanwhile_is_left_and_that_is_written_down(tmp_path):
    host = app_at(tmp_path / "site")
    file = tmp_path / "site/.env"

    def edit(change):
        """Say what is to be written, while somebody else writes."""
        file.write_text("THEIRS=1\n")
        return set_variable(change.file.text, "A", "1")

    with pytest.raises(OpsError, match=r"\.env was changed in the meantime") as refused_:
        apply_env_change(host, "env.set", ["A"], edit, restart=False)
    assert file.read_text() == "THEIRS=1\n"
    line = json.loads((tmp_path / "site/.deploy/history.jsonl").read_text())
    assert {key: line[key] for key in ("task", "ref", "status", "error")} == {
        "task": "env.set",
        "ref": "A",
        "status": "failed",
        "error": refused_.value.message,
    }
    assert [one["name"] for one in line["steps"]] == ["backup"]
    assert (tmp_path / "site/backups" / f"{line['backup']}.json").exists()
