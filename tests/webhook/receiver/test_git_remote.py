"""Where the branch is: of exactly this name, and under no setting of the account."""

import asyncio

import pytest

from mantodeus_ops.webhook.receiver.git_remote import tip_of
from mantodeus_ops.webhook.receiver.worker import RemoteSilentError
from tests.support.git_repositories import Cloned, hostile_home


@pytest.fixture
def cloned(tmp_path, monkeypatch):
    """Return a clone on an account whose git has every setting."""
    home, _ = hostile_home(tmp_path)
    monkeypatch.setenv("HOME", str(home))
    return Cloned(tmp_path)


def tip(cloned, branch):
    """Return where a branch is at the remote."""
    return asyncio.run(tip_of(cloned.root, branch)())


def test_a_ref_that_only_ends_like_the_branch_is_another_one(cloned):
    other = cloned.push()
    for name in ("refs/heads/refs/heads/zed", "refs/heads/a/refs/heads/zed"):
        cloned.name(name, other)
    with pytest.raises(RemoteSilentError):
        tip(cloned, "zed")
    cloned.name("refs/heads/zed", cloned.first)
    assert tip(cloned, "zed") == cloned.first
