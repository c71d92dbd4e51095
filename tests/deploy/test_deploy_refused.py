"""What a host is not ready for is told before anything is done."""

import subprocess

import pytest

from mantodeus_ops.backup.commands import listing
from mantodeus_ops.deploy.deploy import DeployOptions, deploy
from mantodeus_ops.deploy.rollback import RollbackOptions, rollback
from mantodeus_ops.deploy.setup import setup
from mantodeus_ops.deploy.stage import save_patch
from mantodeus_ops.errors import OpsError, PreflightError, UsageError
from mantodeus_ops.monitor.check import run_post_deploy_checklist
from mantodeus_ops.monitor.logs import LogQuery as Lines
from mantodeus_ops.monitor.logs import logs
from mantodeus_ops.remote.options import Options
from mantodeus_ops.webhook.install import install
from mantodeus_ops.webhook.ping import ping
from mantodeus_ops.webhook.status import deliveries, redeliver, status
from tests.support.backup_transfers import app_at, backed_up, host_of
from tests.support.fake_host import tree_of
from tests.support.faulty_transports import Dropping


def git(folder, *words):
    """Run git in a folder."""
    who = ("-c", "user.name=me", "-c", "user.email=me@example.org")
    subprocess.run(["git", *who, "-C", folder, *words], check=True, capture_output=True)


def origin(folder, **files):
    """Return the address of a repository with these files."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first", "--allow-empty")
    return str(folder)


def test_a_folder_without_a_checkout_takes_no_deploy(tmp_path):
    with pytest.raises(PreflightError, match="holds no git checkout of the app") as refused:
        deploy(app_at(tmp_path / "site"), DeployOptions("main"))
    assert refused.value.hint == "fab -H here deploy.setup"


@pytest.mark.parametrize("task", [lambda host: deploy(host, DeployOptions("main")), setup])
def test_a_checkout_that_git_cannot_read_is_not_taken_for_none(tmp_path, task):
    host = app_at(tmp_path / "site", repository="git@github.com:octo/little.git")
    (tmp_path / "site/.git").write_text("gitdir: nowhere\n")
    with pytest.raises(PreflightError, match="git cannot read the checkout: fatal: ") as refused:
        task(host)
    assert refused.value.hint == f"git -C {tmp_path}/site status"
    assert (tmp_path / "site/.git").read_text() == "gitdir: nowhere\n"


def test_setup_needs_a_repository_and_tells_how_it_would_fetch_it(tmp_path):
    with pytest.raises(PreflightError, match="here has no repository in the inventory"):
        setup(app_at(tmp_path / "site"))
    dry = host_of(tmp_path / "site", repository="git@h:x.git", options=Options(dry_run=True))
    before = tree_of(tmp_path / "site")
    assert setup(dry).status == "success"
    assert ["init" in dry.events.commands[0], "fetch" in dry.events.commands[2]] == [True, True]
    assert tree_of(tmp_path / "site") == before


def test_a_first_env_is_made_of_the_example_and_names_what_a_person_must_fill_in(tmp_path):
    repository = origin(tmp_path / "origin", _env_example="PORT=3000\nAPI_KEY=\n")
    (tmp_path / "site").mkdir()
    host = host_of(tmp_path / "site", repository=repository, required_env=("API_KEY",))
    with pytest.raises(
        PreflightError, match=r"\.env was created from .* it needs API_KEY"
    ) as refused:
        setup(host)
    assert refused.value.hint == "fab -H here env.set API_KEY"
    assert "PORT=3000" in (tmp_path / "site/.env").read_text()


def test_a_checklist_that_nobody_can_go_through_fails_no_deploy(tmp_path):
    host = host_of(tmp_path, line=Dropping(99), options=Options(reconnect_seconds=0))
    assert run_post_deploy_checklist(host) is None
    assert "the checklist could not be completed" in host.events.notes[-1]


def test_a_state_to_go_back_to_must_be_there(tmp_path):
    with pytest.raises(OpsError):
        rollback(app_at(tmp_path / "site"), RollbackOptions())
    with pytest.raises(OpsError):
        rollback(app_at(tmp_path / "site"), RollbackOptions("backup-20200102-030405"))


def test_a_backup_that_is_not_whole_is_told_of_and_not_listed(tmp_path):
    host = app_at(tmp_path / "site")
    whole, cut = backed_up(host)["name"], backed_up(host)["name"]
    archive = tmp_path / "site/backups" / f"{cut}.tar.gz"
    archive.unlink()  # it shares its bytes with the other
    archive.write_bytes(b"cut")
    assert [one["name"] for one in listing(host).data["backups"]] == [whole]
    assert f"{cut} has a manifest but no complete archive; it is not listed" in host.events.notes


@pytest.mark.parametrize("wish", [Lines(grep="("), Lines(since="yesterday")])
def test_lines_are_asked_for_by_what_can_be_read(tmp_path, wish):
    with pytest.raises(UsageError):
        logs(host_of(tmp_path), wish)


def test_a_host_without_a_receiver_says_so(tmp_path):
    host = app_at(tmp_path / "site")
    for asked in (lambda: deliveries(host, 5), lambda: redeliver(host, "ab")):
        with pytest.raises(PreflightError, match="no receiver is installed on here"):
            asked()
    report = status(host)
    assert (report.exit_code, report.data["installed"], report.data["last_push"]) == (
        7,
        False,
        None,
    )
    with pytest.raises(PreflightError, match=r"\.env: "):
        ping(host)


def test_a_receiver_is_installed_for_an_app_that_was_deployed_only(tmp_path):
    with pytest.raises(PreflightError, match="this tool has not deployed to here yet"):
        install(app_at(tmp_path / "site"), without_pm2=True)


def test_nothing_is_saved_of_a_tree_that_nobody_edited(tmp_path):
    before = tree_of(tmp_path)
    assert save_patch(host_of(tmp_path), "run", ()) == 0
    assert tree_of(tmp_path) == before
