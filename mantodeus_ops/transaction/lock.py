"""The deploy lock: one per app directory, for all tasks that change something."""

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
from mantodeus_ops.transaction.local_user import operator
from mantodeus_ops.transaction.lock_holder import LockHolder
from mantodeus_ops.transaction.lock_messages import describe, holder_line, is_shut

_POLL_SECONDS = 0.5
_SIGNS_OF_LIFE = 2  # a beat may have been in transit when the client vanished
_SILENCE_SHOWN_AFTER = 2.0
_SILENCE_WAITED_FOR = 40.0  # by then the lock holder has released the lock, unless it hangs


@dataclass(frozen=True, slots=True)
class Lock:
    """A held lock: the id of its run, and the interrupted run that it found."""

    run: str
    before: LockRecord | None


@contextmanager
def deploy_lock(host: Host, task: str, *, ref: str = "") -> Iterator[Lock]:
    """Hold the app's lock for this block; raise LockHeldError, with --wait after that time.

    A holder that lost its connection is waited for; a dead one is replaced. A dry run takes no
    lock.
    """
    run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    if host.dry_run:
        yield Lock(run, None)
        return
    who, origin = operator()
    record = {"token": run, "task": task, "who": who, "from": origin, "ref": ref}
    lock_holder = LockHolder(host, record)
    before = _acquire(host, lock_holder)

    def again() -> None:
        if not (answer := lock_holder.take(again=True))["held"]:
            raise LockHeldError(
                f"during the lost connection, {holder_line(answer['holder'])} took the lock",
                _follow(host),
            )

    host.on_reconnect(again)
    try:
        yield Lock(run, before)
    finally:
        host.off_reconnect(again)
        lock_holder.release()


def _acquire(host: Host, lock_holder: LockHolder) -> LockRecord | None:
    deadline = time.monotonic() + host.options.wait_seconds
    announced = ""
    pulse = _Pulse(host)
    while True:
        answer = lock_holder.take()
        if answer["held"]:
            return _report_lock(host, answer)
        holder = answer["holder"]
        patient = holder["verdict"] == "orphaned" or time.monotonic() < deadline
        if not patient and pulse.is_alive(holder):
            raise LockHeldError(describe(holder), _hint(host, holder))
        if patient and announced != holder["token"]:
            host.info(f"waiting for {holder_line(holder)}")
            announced = holder["token"]
        _wait(host, holder)


class _Pulse:
    """Tracks whether the holder's client is alive, by the local clock only."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._seen: tuple[str, float | None] | None = None
        self._since = 0.0
        self._signs = 0
        self._is_announced = False

    def is_alive(self, holder: LockRecord) -> bool:
        """Return whether it gave signs of life since we first looked, or is one that gives none.

        A holder that hangs, as its long silence shows, is left to the operator.
        """
        if holder["beat"] is None:
            return True
        sign = (holder["token"], holder["beat"])
        if sign != self._seen:
            is_same = self._seen and self._seen[0] == sign[0]
            self._signs = self._signs + 1 if is_same else 0
            self._seen, self._since = sign, time.monotonic()
        silence = time.monotonic() - self._since
        if self._signs >= _SIGNS_OF_LIFE or silence > _SILENCE_WAITED_FOR:
            return True
        if silence > _SILENCE_SHOWN_AFTER and not self._is_announced:
            self._is_announced = True
            self._host.info(
                f"the holder lost its connection {silence:.0f} s ago;"
                f" waiting for it to reconnect ({holder_line(holder)})"
            )
        return False


def _wait(host: Host, holder: LockRecord) -> None:
    """Follow the job of an abandoned run, or wait a little."""
    if holder["verdict"] != "orphaned" or not holder["jobs"]:
        time.sleep(_POLL_SECONDS)
        return
    try:
        known_job(host, holder["jobs"][0]).follow()
    except StepFailedError:
        time.sleep(_POLL_SECONDS)


def _report_lock(host: Host, answer: TakenLock) -> LockRecord | None:
    before = answer["before"]
    for folder in answer.get("closed", ()):
        host.info(f"{folder['path']} was open to other accounts (mode {folder['mode']}): closed")
    if before:
        host.info(f"the last run was interrupted: {holder_line(before)}")
    return before


def _hint(host: Host, holder: LockRecord) -> str:
    if holder["verdict"] == "frozen":
        return host.command_for("deploy.unlock")
    return _follow(host)


def _follow(host: Host) -> str:
    return host.command_for("deploy.follow")


def freeze(host: Host, *, reason: str) -> str:
    """Lock the app until `unlock`; return the stored reason, without secrets.

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
    """End a freeze; return its record; raise LockHeldError for the lock of a live run."""
    holder = host.query(READ_LOCK, record={})
    if holder["verdict"] in {"held", "orphaned"}:
        raise LockHeldError(describe(holder), _follow(host))
    if is_shut(holder) and not host.call(UNLOCK, record=holder)["done"]:
        raise OpsError(
            "the lock was taken by another run in the meantime", host.command_for("status")
        )
    return holder
