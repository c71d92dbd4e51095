"""Links and other file systems where a change moves or packs something: known before it begins."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.deploy import lifecycle
from mantodeus_ops.deploy.deploy import DeployOptions, deploy
from mantodeus_ops.env import edit
from mantodeus_ops.errors import OpsError, PreflightError
from mantodeus_ops.rollback.rollback import RollbackOptions, rollback
from tests.deploy.test_lifecycle import deployed
from tests.support.backup_transfers import AT_ONCE, app_at, backed_up, host_of
from tests.support.git_repositories import git, origin

PLACES = ("dist", ".env", "package-lock.json", "node_modules")


def linked(folder, name, to="shared"):
    """Put a link where this file or folder is, or would be."""
    place = folder / name
    if place.exists():
        place.rename(folder / to)
    place.symlink_to(to)


@pytest.fixture
def site(tmp_path):
    """Return a host with a clone of a revision that can be deployed."""
    repository = origin(tmp_path / "origin", server_js="serve();\n")
    git(tmp_path, "clone", "-q", repository, "site")
    (tmp_path / "site/dist").mkdir()
    (tmp_path / "site/.env").write_text("A=1\n")
    told = {"start_command": "node server.js", "min_free_disk": 0, "backup_paths": PLACES}
    return host_of(tmp_path / "site", **told)


@pytest.mark.parametrize("name", ["dist", "node_modules"])
def test_a_deploy_is_refused_before_its_stage(site, name):
    linked(site.app.project_dir, name)
    with pytest.raises(PreflightError, match=f"{name} is a link to shared") as refused:
        deploy(site, DeployOptions("main"))
    assert [one["name"] for one in refused.value.details["steps"]] == ["fetch"]
    assert name in refused.value.hint


@pytest.mark.parametrize("name", ["dist", ".env"])
def test_a_change_of_env_is_refused_before_its_backup(tmp_path, name):
    host = app_at(tmp_path / "site")
    linked(tmp_path / "site", name)
    with pytest.raises(PreflightError, match=f"{name} is a link to shared"):
        edit.set_value(host, "A", "1", restart=False)
    assert not (tmp_path / "site/backups").exists() or not list(
        (tmp_path / "site/backups").iterdir()
    )
    assert "backup" not in dict(host.events.steps)


def test_a_link_to_nothing_is_looked_at(tmp_path):
    host = app_at(tmp_path / "site")
    (tmp_path / "site/.env").unlink()
    (tmp_path / "site/.env").symlink_to("nowhere")
    facts = gather_facts(host, "env")
    assert facts["env"]["present"] is False
    assert [(one["name"], one["link"], one["broken"]) for one in facts["places"]] == [
        (".env", "nowhere", True)
    ]


def test_nothing_is_renamed_to_another_file_system(tmp_path):
    host = app_at(tmp_path / "site")
    name = backed_up(host)["name"]
    (tmp_path / "site/dist/index.js").write_text("another();\n")
    apart = Path(tempfile.mkdtemp(dir="/dev/shm"))
    try:
        if apart.stat().st_dev == tmp_path.stat().st_dev:
            pytest.skip("there is only one file system here")
        shutil.copytree(tmp_path / "site/.deploy", apart, dirs_exist_ok=True)
        shutil.rmtree(tmp_path / "site/.deploy")
        (tmp_path / "site/.deploy").symlink_to(apart)
        (apart / "live.json").write_text(json.dumps({"entry": {"file": "x"}, "revision": "a" * 40}))
        with pytest.raises(PreflightError, match="on another file system") as refused:
            rollback(host, RollbackOptions(name))
    finally:
        shutil.rmtree(apart)
    assert refused.value.details["steps"] == []


def test_a_restart_goes_on_without_the_backup_that_cannot_be_made(tmp_path):
    host = deployed(tmp_path / "site", pm2="false", health=AT_ONCE)
    linked(tmp_path / "site", "dist")
    with pytest.raises(OpsError) as error:
        lifecycle.restart(host)
    assert [one["name"] for one in error.value.details["steps"]] == ["reload"]
    assert any("no backup is made: dist is a link" in note for note in host.events.notes)
