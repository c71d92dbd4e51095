"""Chooses which waiting delivery to deploy, and the outcome of the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from mantodeus_ops.errors import LockHeldError, UsageError
from mantodeus_ops.text.format import short
from mantodeus_ops.text.sanitize import one_line

GRACE_SECONDS = 20.0  # a delivery may arrive before the remote shows the push
MOST_TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 300.0

Mark = dict[str, object]
Marks = dict[str, Mark]


class Delivery(TypedDict):
    """A delivery that waits or runs."""

    n: int  # in the order of arrival
    id: str
    at: float
    after: str
    pusher: str
    state: str
    run: str
    tries: int
    due: float


@dataclass(frozen=True, slots=True)
class DeliveryChoice:
    """The id to deploy (empty: none), what to record for others, and whether any still wait."""

    id: str = ""
    marks: Marks = field(default_factory=dict)
    waits: bool = False


@dataclass(frozen=True, slots=True)
class DeployEnd:
    """The end of a deploy: exit code (None: unknown), its JSON result, its last line."""

    code: int | None
    result: Mapping[str, object] | None
    last_words: str
    seconds: float


def choose(
    waiting: Sequence[Delivery], tip: str, rejected: Collection[str], now: float
) -> DeliveryChoice:
    """Return what to deploy when the branch is at `tip`: the newest delivery of that revision.

    Earlier deliveries are folded into it. A delivery that is not the tip after a grace period is
    stale. A revision that was rolled back is not deployed again. `now` is in seconds.
    """
    matching = [delivery for delivery in waiting if delivery["after"] == tip]
    newest = matching[-1] if matching else None
    marks: Marks = {}
    waits = False
    for delivery in waiting:
        if newest and delivery["n"] < newest["n"]:
            marks[delivery["id"]] = _mark("folded", f"into {newest['id']}")
        elif delivery is newest and tip in rejected:
            marks[delivery["id"]] = _mark("rejected", f"{short(tip)} was rolled back")
        elif delivery is not newest and _is_young(now - max(delivery["at"], delivery["due"])):
            waits = True
        elif delivery is not newest:
            marks[delivery["id"]] = _mark("stale", f"the branch is at {short(tip)}")
    delivery_id = newest["id"] if newest and newest["id"] not in marks else ""
    return DeliveryChoice(delivery_id, marks, waits)


def _is_young(age: float) -> bool:
    """Return whether a delivery gets more time; a clock that was set back does not prolong it."""
    return -LONGEST_PAUSE <= age < GRACE_SECONDS


def deploy_outcome(delivery: Delivery, ended: DeployEnd) -> tuple[Mark, bool]:
    """Return what to record for a delivery whose deploy ended, and whether to try it again.

    It is tried again when a later try may succeed: the lock was held, the remote did not answer,
    or the deploy died without a result. A deploy that failed is left to the operator.
    """
    result = ended.result or {}
    summary = _summary(result, ended)
    mark: Mark = {"seconds": result.get("seconds", round(ended.seconds, 3)), "outcome": summary}
    if result.get("ok") or (not result and ended.code == 0):
        return mark | {"state": "done"}, False
    if result.get("exit_code", ended.code) == LockHeldError.exit_code:
        return mark | {"state": "waiting", "tries": delivery["tries"] - 1}, True
    died = not result and ended.code != UsageError.exit_code
    may_succeed = result.get("git_pull") == "failed" or died
    if may_succeed and delivery["tries"] < MOST_TRIES:
        return mark | {"state": "waiting"}, True
    return mark | {"state": "failed"}, False


def pause_after(turns: int) -> float:
    """Return the seconds to wait after this number of turns without progress."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(turns - 1, 30))


def operator_name(pusher: str) -> str:
    """Return the operator to record for a deploy: the webhook and the name in the push."""
    plain = "".join(letter for letter in one_line(pusher) if letter.isalnum() or letter in "-_.")
    return f"webhook:{plain[:40]}" if plain else "webhook"


def _mark(state: str, outcome: str) -> Mark:
    return {"state": state, "outcome": outcome}


def _summary(result: Mapping[str, object], ended: DeployEnd) -> str:
    """Return a short summary of a deploy's result."""
    if result.get("ok"):
        return "live already" if result.get("status") == "unchanged" else "deployed"
    if result:
        return one_line(str(result.get("error") or result.get("status") or "failed"))
    if ended.code is None:
        return "cut off"
    words = one_line(ended.last_words) or "no output"
    return "deployed" if ended.code == 0 else f"ended with exit {ended.code}: {words}"
