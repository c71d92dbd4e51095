"""Whether the branch has anything that a poll may deploy."""

import pytest

from mantodeus_ops.errors import HostError, PreflightError
from mantodeus_ops.webhook.poll_decision import PollDecision, poll_decision

LIVE, TIP = "a" * 40, "b" * 40
TRIED = "bbbbbbbbbb was tried and failed; only a person tries it again"
FACTS = {"live": {"revision": LIVE}, "remote": {"head": TIP}, "rejected": {}, "history": []}


def deployed(status: str, revision: str = TIP, task: str = "deploy") -> dict[str, str]:
    """Return a line of the history."""
    return {"task": task, "status": status, "revision": revision}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, ""),
        ({"remote": {"head": LIVE}}, "the branch has not moved"),
        (
            {"rejected": {TIP: 1}},
            "bbbbbbbbbb was rolled back here; only a person takes it up again",
        ),
        ({"history": [deployed("failed")]}, TRIED),
        ({"history": [deployed("rolled_back")]}, TRIED),
        ({"history": [deployed("failed"), deployed("success")]}, ""),
        ({"history": [deployed("success"), deployed("failed")]}, TRIED),
        ({"history": [deployed("interrupted")]}, ""),
        ({"history": [deployed("failed", LIVE)]}, ""),
        ({"history": [deployed("failed", task="restart")]}, ""),
        ({"history": [{"task": "deploy", "status": "failed"}]}, ""),
    ],
)
def test_the_tip_is_deployed_unless_it_is_live_rejected_or_failed_before(change, reason):
    found = poll_decision({**FACTS, **change})
    tip = {**FACTS, **change}["remote"]["head"]
    assert found == PollDecision(tip, LIVE, reason)


def test_a_turn_says_what_stands_at_the_tip_and_what_is_live():
    assert poll_decision(FACTS).data() == {"revision": TIP, "live": LIVE, "reason": ""}


def test_what_cannot_be_known_is_no_reason_to_deploy():
    for live in (None, {}):
        with pytest.raises(PreflightError, match="nothing was deployed here by") as refused:
            poll_decision({**FACTS, "live": live})
        assert refused.value.hint == "deploy.setup"
    for remote, why in (
        ({"error": "no route"}, "no route"),
        (None, "no answer"),
        ({}, "no answer"),
    ):
        with pytest.raises(HostError, match=f"^the remote cannot be asked: {why}$") as silent:
            poll_decision({**FACTS, "remote": remote})
        assert silent.value.hint == "check"
