"""Decides whether the tip of the branch is deployed, by the rules of a delivery."""

from __future__ import annotations

from dataclasses import dataclass

from mantodeus_ops.errors import HostError, PreflightError
from mantodeus_ops.remote.answers.facts import Facts, RemoteState
from mantodeus_ops.text.format import short

_FAILED = frozenset({"failed", "rolled_back"})


@dataclass(frozen=True, slots=True)
class PollDecision:
    """The decision of a poll: the revision at the tip, and why it is not deployed."""

    tip: str
    live: str
    reason: str

    def data(self) -> dict[str, str]:
        """Return what JSON says of it."""
        return {"revision": self.tip, "live": self.live, "reason": self.reason}


def poll_decision(facts: Facts) -> PollDecision:
    """Return whether the tip is to be deployed: with a reason it is not.

    Raise PreflightError for a host that nothing was deployed to, HostError when the remote cannot
    be asked.
    """
    live = facts["live"].get("revision", "") if facts["live"] else ""
    if not live:
        raise PreflightError("nothing was deployed here by this tool yet", "deploy.setup")
    remote: RemoteState = facts["remote"] or {}
    if not remote.get("head"):
        raise HostError(f"the remote cannot be asked: {remote.get('error', 'no answer')}", "check")
    tip = str(remote["head"])
    return PollDecision(tip, live, _reason(facts, tip, live))


def _reason(facts: Facts, tip: str, live: str) -> str:
    if tip == live:
        return "the branch has not moved"
    if tip in facts["rejected"]:
        return f"{short(tip)} was rolled back here; only a person takes it up again"
    past = [entry for entry in facts["history"] if entry.get("revision") == tip]
    tried = [entry for entry in past if entry.get("task") == "deploy"]
    if tried and tried[-1].get("status") in _FAILED:
        return f"{short(tip)} was tried and failed; only a person tries it again"
    return ""
