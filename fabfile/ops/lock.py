"""One lock for each app directory, on the host, for every task that changes something."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..host.door import Host
from ..host.jobs import known_job
from ..host.keeper import Keeper
from ..host.operator import operator
from ..pure.errors import LockHeldError, OpsError, StepFailedError
from ..pure.lock import describe, holder_line

_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that we hold: under which run, and what its last holder left."""

    run: str
    before: dict[str, Any] | None


@contextmanager
def locked(host: Host, task: str, *, ref: str = "") -> Iterator[Lock]:
    """Hold the app's lock for this block; raise LockHeldError, with --wait only after that time.

    A holder whose line dropped is waited for; one that is dead is no holder. A dry run takes none.
    """
    run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    if host.dry_run:
        yield Lock(run, None)
        return
    who, origin = operator()
    record = {"token": run, "task": task, "who": who, "from": origin, "ref": ref}
    keeper = Keeper(host, record)
    before = _take(host, keeper)

    def again() -> None:
        if not (answer := keeper.take())["held"]:
            raise LockHeldError(
                f"while the line was down, {holder_line(answer['holder'])} took over", _follow(host)
            )

    host.on_mend(again)
    try:
        yield Lock(run, before)
    finally:
        host.forget_mend(again)
        keeper.release()


def _take(host: Host, keeper: Keeper) -> dict[str, Any] | None:
    deadline = time.monotonic() + host.options.wait_seconds
    told = ""
    while True:
        answer = keeper.take()
        if answer["held"]:
            return _news(host, answer["before"])
        holder = answer["holder"]
        if holder["verdict"] != "orphaned" and time.monotonic() >= deadline:
            raise LockHeldError(describe(holder), _hint(host, holder))
        if told != holder["token"]:
            host.note(f"waiting for {holder_line(holder)}")
            told = holder["token"]
        _pass_time(host, holder)


def _pass_time(host: Host, holder: dict[str, Any]) -> None:
    """Watch what an abandoned run still does, or wait a little."""
    if holder["verdict"] != "orphaned" or not holder["jobs"]:
        time.sleep(_POLL_SECONDS)
        return
    try:
        known_job(host, holder["jobs"][0]).follow()
    except StepFailedError:
        time.sleep(_POLL_SECONDS)


def _news(host: Host, before: dict[str, Any] | None) -> dict[str, Any] | None:
    if before:
        host.note(f"the run before was cut off: {holder_line(before)}")
    return before


def _hint(host: Host, holder: dict[str, Any]) -> str:
    if holder["verdict"] == "frozen":
        return host.typed("deploy.unlock")
    return _follow(host)


def _follow(host: Host) -> str:
    return host.typed("deploy.follow")


def freeze(host: Host, *, reason: str) -> None:
    """Lock the app until a person unlocks it; raise LockHeldError."""
    who, origin = operator()
    record = {
        "token": secrets.token_hex(6),
        "task": "freeze",
        "who": who,
        "from": origin,
        "reason": reason,
    }
    answer = host.tell("lockstep", step="freeze", record=record)
    if not answer["held"]:
        raise LockHeldError(describe(answer["holder"]), _hint(host, answer["holder"]))


def unfreeze(host: Host) -> dict[str, Any]:
    """End a freeze; return what it was; raise LockHeldError for the lock of a run that lives."""
    holder = host.ask("lockstep", step="read", record={})
    if holder["verdict"] in {"held", "orphaned"}:
        raise LockHeldError(describe(holder), _follow(host))
    if (
        holder["verdict"] == "frozen"
        and not host.tell("lockstep", step="release", record=holder)["done"]
    ):
        raise OpsError("the lock changed hands while it was being opened", host.typed("status"))
    return holder
