"""The revision that was resolved is the one that goes live, or nothing does."""

import pytest

from mantodeus_ops.deploy.deploy import DeployOptions, deploy
from mantodeus_ops.errors import HostError, StepFailedError
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import AT_ONCE, host_of
from tests.support.git_repositories import Cloned, git

DRY = Options(dry_run=True)
TOLD = {"start_command": "node server.js", "boot_test": False, "min_free_disk": 0}


@pytest.fixture
def cloned(tmp_path):
    """Return a clone of an app that has nothing to install or build, one commit behind."""
    found = Cloned(tmp_path, **{"server.js": "serve();\n"})
    found.next = found.push("Second", **{"server.js": "serve(2);\n"})
    return found


def host(cloned, **more):
    """Return the host of a clone."""
    return host_of(cloned.root, health=AT_ONCE, **{**TOLD, **more})


def test_without_a_ref_it_is_the_branch_of_the_inventory_whatever_a_tag_is_called(cloned):
    cloned.name("refs/tags/main", cloned.first)
    assert deploy(host(cloned, options=DRY), DeployOptions()).revision == cloned.next
    with pytest.raises(HostError) as refused:
        deploy(host(cloned, options=DRY), DeployOptions("main"))
    assert refused.value.code == "ref-ambiguous"


@pytest.mark.parametrize("ref", ["HEAD", "refs/heads/HEAD"])
def test_a_branch_head_is_none_that_anybody_deploys(cloned, ref):
    cloned.name("refs/heads/HEAD", cloned.first)
    assert deploy(host(cloned, options=DRY), DeployOptions()).revision == cloned.next
    with pytest.raises(Exception, match="cannot be a branch"):
        deploy(host(cloned, options=DRY), DeployOptions(ref))


MOVES = "git checkout -q --detach HEAD~1"


def test_a_stage_that_a_hook_moved_to_another_revision_does_not_go_live(cloned):
    moved = host(cloned, hooks={"before_commit": (MOVES,)})
    with pytest.raises(StepFailedError, match="the stage is at"):
        deploy(moved, DeployOptions("main", skip_backup=True))
    assert git(cloned.root, "rev-parse", "HEAD") == cloned.first
    assert not (cloned.root / ".deploy/live.json").exists()


def test_the_work_tree_goes_to_a_revision_and_not_to_the_branch_of_that_name(cloned):
    cloned.fetch()
    git(cloned.root, "update-ref", f"refs/heads/{cloned.next}", cloned.first)
    with pytest.raises(StepFailedError) as failed:  # there is no PM2, so it is never healthy
        deploy(host(cloned), DeployOptions(cloned.next, skip_backup=True))
    ended = {one["name"]: one["status"] for one in failed.value.details["steps"]}
    assert (ended["stage"], ended["checkout"], ended["health"]) == ("ok", "ok", "failed")
