"""Preparing an empty host: what is fetched, the first `.env`, and the first version."""

import pytest

from mantodeus_ops.deploy.setup import setup
from mantodeus_ops.errors import OpsError, PreflightError, StepFailedError
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import AT_ONCE, app_at, host_of
from tests.support.fake_host import tree_of
from tests.support.git_repositories import origin


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


def empty(folder, **more):
    """Return a host with nothing on it yet, for an app that has nothing to install or build."""
    files = {"server_js": "serve();\n", **more.pop("files", {})}
    repository = origin(folder / "origin", **files)
    (folder / "site").mkdir()
    told = {"start_command": "node server.js", "boot_test": False, "min_free_disk": 0}
    return host_of(folder / "site", repository=repository, health=AT_ONCE, **{**told, **more})


def ended(error):
    """Return the names and ends of the steps of a run that failed."""
    return [(one["name"], one["status"]) for one in error.details["steps"]]


def test_a_first_version_that_is_not_healthy_leaves_nothing_to_go_back_to(tmp_path):
    host = empty(tmp_path)
    with pytest.raises(StepFailedError, match="There is no previous version to restore") as no:
        setup(host)
    assert ended(no.value) == [
        ("fetch", "ok"),
        ("stage", "ok"),
        ("backup", "ok"),
        ("checkout", "ok"),
        ("reload", "ok"),
        ("health", "failed"),
        ("rollback", "ok"),
    ]
    assert "ln -sfn" not in host.events.output
    assert not (tmp_path / "site/.env").exists()
    assert not any("was created from" in note for note in host.events.notes)


def test_a_first_env_that_lacks_nothing_is_for_a_person_to_look_at(tmp_path):
    host = empty(
        tmp_path,
        files={"_env_example": "PORT=3000\n", "package_json": '{"dependencies": {"a": "1"}}'},
    )
    with pytest.raises(OpsError, match="no lockfile pins them"):
        setup(host)
    assert ".env was created from .env.example: check its values" in host.events.notes
    assert (tmp_path / "site/.env").read_text() == "PORT=3000\n"
