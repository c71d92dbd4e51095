"""One lock for each app directory, on the host, for every task that changes something."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mantodeus_ops.errors import LockHeldError, OpsError, StepFailedError
from mantodeus_ops.remote.answers.lock import LockRecord, TakenLock
from mantodeus_ops.remote.answers.programs import FREEZE, READ_LOCK, UNLOCK
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.jobs import known_job
from mantodeus_ops.transaction.lock_holder import LockHolder
from mantodeus_ops.transaction.lock_messages import describe, holder_line, is_shut
from mantodeus_ops.transaction.operator import operator

_POLL_SECONDS = 0.5
_SIGNS_OF_LIFE = 2  # one may have been on its way when its client vanished
_SILENCE_TOLD_AFTER = 2.0
_SILENCE_WAITED_FOR = 40.0  # by then its keeper has given the lock back, unless it hangs itself


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that we hold: under which run, and what its last holder left."""

    run: str
    before: LockRecord | None


@contextmanager
def deploy_lock(host: Host, task: str, *, ref: str = "") -> Iterator[Lock]:
    """Hold the app's lock for this block; raise LockHeldError, with --wait only after that time.

    A holder whose line dropped is waited for; one that is dead is no holder. A dry run takes none.
    """
    run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    if host.dry_run:
        yield Lock(run, None)
        return
    who, origin = operator()
    record = {"token": run, "task": task, "who": who, "from": origin, "ref": ref}
    keeper = LockHolder(host, record)
    before = _acquire(host, keeper)

    def again() -> None:
        if not (answer := keeper.take(again=True))["held"]:
            raise LockHeldError(
                f"while the line was down, {holder_line(answer['holder'])} took over", _follow(host)
            )

    host.on_reconnect(again)
    try:
        yield Lock(run, before)
    finally:
        host.off_reconnect(again)
        keeper.release()


def _acquire(host: Host, keeper: LockHolder) -> LockRecord | None:
    deadline = time.monotonic() + host.options.wait_seconds
    told = ""
    pulse = _Pulse(host)
    while True:
        answer = keeper.take()
        if answer["held"]:
            return _news(host, answer)
        holder = answer["holder"]
        patient = holder["verdict"] == "orphaned" or time.monotonic() < deadline
        if not patient and pulse.felt(holder):
            raise LockHeldError(describe(holder), _hint(host, holder))
        if patient and told != holder["token"]:
            host.info(f"waiting for {holder_line(holder)}")
            told = holder["token"]
        _pass_time(host, holder)


class _Pulse:
    """Whether the client of a holder lives; only the time that passes here is measured."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._seen: tuple[str, float | None] | None = None
        self._since = 0.0
        self._signs = 0
        self._told = False

    def felt(self, holder: LockRecord) -> bool:
        """Return whether it gave signs of life since we first looked, or is one that gives none.

        What has been silent for so long that its keeper must hang is left to people.
        """
        if holder["beat"] is None:
            return True
        seen = (holder["token"], holder["beat"])
        if seen != self._seen:
            known = self._seen and self._seen[0] == seen[0]
            self._signs = self._signs + 1 if known else 0
            self._seen, self._since = seen, time.monotonic()
        silence = time.monotonic() - self._since
        if self._signs >= _SIGNS_OF_LIFE or silence > _SILENCE_WAITED_FOR:
            return True
        if silence > _SILENCE_TOLD_AFTER and not self._told:
            self._told = True
            self._host.info(
                f"the line of the holder has been silent for {silence:.0f} s;"
                f" waiting whether it comes back ({holder_line(holder)})"
            )
        return False


def _pass_time(host: Host, holder: LockRecord) -> None:
    """Watch what an abandoned run still does, or wait a little."""
    if holder["verdict"] != "orphaned" or not holder["jobs"]:
        time.sleep(_POLL_SECONDS)
        return
    try:
        known_job(host, holder["jobs"][0]).follow()
    except StepFailedError:
        time.sleep(_POLL_SECONDS)


def _news(host: Host, answer: TakenLock) -> LockRecord | None:
    before = answer["before"]
    for place in answer.get("closed", ()):
        host.info(f"{place['path']} was open to other accounts (mode {place['mode']}): closed")
    if before:
        host.info(f"the run before was cut off: {holder_line(before)}")
    return before


def _hint(host: Host, holder: LockRecord) -> str:
    if holder["verdict"] == "frozen":
        return host.command_for("deploy.unlock")
    return _follow(host)


def _follow(host: Host) -> str:
    return host.command_for("deploy.follow")


def freeze(host: Host, *, reason: str) -> str:
    """Lock the app until a person unlocks it; return the reason as it is kept, without secrets.

    Raise LockHeldError.
    """
    who, origin = operator()
    record = {
        "token": secrets.token_hex(6),
        "task": "freeze",
        "who": who,
        "from": origin,
        "reason": reason,
    }
    answer = host.call(FREEZE, record=record)
    if not answer["held"]:
        raise LockHeldError(describe(answer["holder"]), _hint(host, answer["holder"]))
    return str(answer.get("reason") or "")


def unfreeze(host: Host) -> LockRecord:
    """End a freeze; return what it was; raise LockHeldError for the lock of a run that lives."""
    holder = host.query(READ_LOCK, record={})
    if holder["verdict"] in {"held", "orphaned"}:
        raise LockHeldError(describe(holder), _follow(host))
    if is_shut(holder) and not host.call(UNLOCK, record=holder)["done"]:
        raise OpsError(
            "the lock changed hands while it was being opened", host.command_for("status")
        )
    return holder
