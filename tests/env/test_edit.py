"""What an `.env` is not changed through, and for: told before a byte is written."""

import os

import pytest

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.env import edit
from mantodeus_ops.env import inspect as env
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
