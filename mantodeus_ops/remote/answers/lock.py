"""What a host answers of the lock."""

from typing import Literal, NotRequired, TypedDict

from mantodeus_ops.remote.answers.typed import Mode

Signed = TypedDict("Signed", {"from": str}, total=False)


class LockRecord(Signed):
    """Who holds the lock, or held it last."""

    verdict: str
    jobs: list[str]
    kind: NotRequired[str]
    who: NotRequired[str]
    task: NotRequired[str]
    ref: NotRequired[str]
    reason: NotRequired[str]
    token: NotRequired[str]
    since: NotRequired[float]
    beat: NotRequired[float | None]


class ClosedPlace(TypedDict):
    """A place that was open to other accounts."""

    path: str
    mode: Mode


class TakenLock(TypedDict):
    """The lock is ours."""

    held: Literal[True]
    before: LockRecord | None
    reason: NotRequired[str]
    closed: NotRequired[list[ClosedPlace]]


class HeldLock(TypedDict):
    """The lock is held by another run."""

    held: Literal[False]
    holder: LockRecord


class Done(TypedDict):
    """Whether a step was done."""

    done: bool
