"""What the app wrote is carried off by no commit without a word, in an output or beside it."""

import json

import pytest

from mantodeus_ops.deploy.deploy import DeployOptions, deploy
from mantodeus_ops.errors import OpsError, PreflightError
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.steps import Steps
from tests.support.backup_transfers import AT_ONCE, host_of
from tests.support.git_repositories import git, origin
from tests.transaction.test_activate_failures import WHAT, site_at

BUILD = "mkdir -p dist && echo 'next();' >dist/index.js"


def known(site):
    """Have the host know what the live output held when it was made, and the app write more."""
    (site / ".deploy").mkdir(exist_ok=True, mode=0o700)
    listing = {"dist": ["dist/index.js", "dist/noise"]}
    (site / ".deploy/outputs.json").write_text(json.dumps(listing))
    (site / "dist").mkdir(exist_ok=True)
    (site / "dist/data.db").write_text("data")


def committed(host, **more):
    """Run a commit whose app does not need to be healthy; return its result."""
    return activate(host, Steps(host), **{**WHAT, "skip_health": True, **more}).result


def test_a_commit_looks_again_and_leaves_all_as_it_was(tmp_path):
    host = site_at(tmp_path / "site")
    known(tmp_path / "site")
    with pytest.raises(OpsError, match=r"meanwhile: dist/data\.db"):
        committed(host)
    assert (tmp_path / "site/dist/data.db").read_text() == "data"
    assert (tmp_path / "site/.deploy/staging/dist/index.js").exists()


def test_a_commit_that_is_to_takes_it_along(tmp_path):
    host = site_at(tmp_path / "site")
    known(tmp_path / "site")
    assert committed(host, take_along=True)["status"] == "success"
    assert (tmp_path / "site/dist/data.db").read_text() == "data"
    assert (tmp_path / "site/dist/index.js").read_text() == "next();\n"
    listing = json.loads((tmp_path / "site/.deploy/outputs.json").read_text())
    assert listing == {"dist": ["dist/index.js"]}


def test_a_rollback_keeps_it_and_says_where(tmp_path):
    host = site_at(tmp_path / "site")
    known(tmp_path / "site")
    told = committed(host, task="rollback")["written"]
    assert told == {"count": 1, "files": ["dist/data.db"], "place": ".deploy/written/r1"}
    assert (tmp_path / "site/.deploy/written/r1/dist/data.db").read_text() == "data"
    committed(host, run="r2", swaps=[".env"], task="env.set")
    committed(host, run="r3", task="rollback", swaps=[])
    assert (tmp_path / "site/.deploy/written/r1/dist/data.db").read_text() == "data"


def test_what_is_taken_back_has_what_it_wrote(tmp_path):
    host = site_at(tmp_path / "site", pm2="false")
    known(tmp_path / "site")
    with pytest.raises(OpsError):
        activate(host, Steps(host), **WHAT, take_along=True)
    assert (tmp_path / "site/dist/data.db").read_text() == "data"
    assert (tmp_path / "site/dist/index.js").read_text() == "answer();\n"


@pytest.fixture
def site(tmp_path):
    """Return a host with a clone, beside which the app keeps data that git ignores."""
    ignored = {"_gitignore": "dist\ndata\n.env\nnode_modules\n", "server_js": "serve();\n"}
    repository = origin(tmp_path / "origin", **ignored)
    git(tmp_path, "clone", "-q", repository, "site")
    app = tmp_path / "site"
    for name in ("data/app.db", ".env", "service-account.json", "data/deep/x"):
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(f"precious {name}")
    told = {"start_command": "node server.js", "min_free_disk": 0, "boot_test": False}
    return host_of(app, health=AT_ONCE, build_command=BUILD, **told)


def test_what_an_output_holds_beyond_its_version_stops_a_deploy_before_its_stage(site):
    known(site.app.project_dir)
    with pytest.raises(PreflightError, match=r"1 file \(dist/data\.db\) in dist") as refused:
        deploy(site, DeployOptions("main"))
    assert "--allow-dirty" in refused.value.hint
    assert [one["name"] for one in refused.value.details["steps"]] == ["fetch"]


def test_data_beside_the_version_is_never_touched(site, tmp_path):
    git(tmp_path / "origin", "rm", "-q", "--cached", "server.js")
    (tmp_path / "origin/main.js").write_text("serve();\n")
    git(tmp_path / "origin", "add", "-A")
    git(tmp_path / "origin", "commit", "-q", "-m", "second")
    done = deploy(site, DeployOptions("main", skip_backup=True, skip_health=True))
    assert done.status == "success"
    app = site.app.project_dir
    assert (app / "dist/index.js").read_text() == "next();\n"
    for name in ("data/app.db", ".env", "service-account.json", "data/deep/x"):
        assert (app / name).read_text() == f"precious {name}"


@pytest.mark.parametrize("name", ["data/app.db", "data", "data/app.db/inside"])
def test_a_revision_that_brings_what_git_ignored_so_far_is_refused(site, tmp_path, name):
    (tmp_path / "origin" / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "origin" / name).write_text("of the revision")
    git(tmp_path / "origin", "add", "-f", name)
    git(tmp_path / "origin", "commit", "-q", "-m", "second")
    with pytest.raises(PreflightError, match=r"data/app\.db"):
        deploy(site, DeployOptions("main"))
    assert (site.app.project_dir / "data/app.db").read_text() == "precious data/app.db"
