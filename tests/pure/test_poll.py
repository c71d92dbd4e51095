"""Whether the branch has anything that a poll may deploy."""

import pytest

from fabfile.pure.errors import HostError, PreflightError
from fabfile.pure.poll import turn

LIVE, TIP = "a" * 40, "b" * 40
FACTS = {"live": {"revision": LIVE}, "remote": {"head": TIP}, "rejected": {}, "history": []}


def deployed(status: str, revision: str = TIP, task: str = "deploy") -> dict[str, str]:
    """Return a line of the history."""
    return {"task": task, "status": status, "revision": revision}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"remote": {"head": LIVE}}, "the branch has not moved"),
        ({"rejected": {TIP: 1}}, "was rolled back here"),
        ({"history": [deployed("failed")]}, "was tried and failed"),
        ({"history": [deployed("rolled_back")]}, "was tried and failed"),
        ({"history": [deployed("failed"), deployed("success")]}, ""),
        ({"history": [deployed("success"), deployed("failed")]}, "was tried and failed"),
        ({"history": [deployed("interrupted")]}, ""),
        ({"history": [deployed("failed", LIVE)]}, ""),
        ({"history": [deployed("failed", task="restart")]}, ""),
        ({"history": [{"task": "deploy", "status": "failed"}]}, ""),
    ],
)
def test_the_tip_is_deployed_unless_it_is_live_rejected_or_failed_before(change, reason):
    found = turn({**FACTS, **change})
    assert reason in found.reason
    assert bool(found.reason) is bool(reason)


def test_a_turn_says_what_stands_at_the_tip_and_what_is_live():
    assert turn(FACTS).data() == {"revision": TIP, "live": LIVE, "reason": ""}


def test_what_cannot_be_known_is_no_reason_to_deploy():
    with pytest.raises(PreflightError):
        turn({**FACTS, "live": None})
    with pytest.raises(HostError, match="no route"):
        turn({**FACTS, "remote": {"error": "no route"}})
    with pytest.raises(HostError):
        turn({**FACTS, "remote": None})
