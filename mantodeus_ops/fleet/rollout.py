"""Takes a change through the hosts, batch by batch, as its policy says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mantodeus_ops.fleet.batches import batches
from mantodeus_ops.fleet.rollout_policy import (
    Policy,
    canary_question,
    has_changed,
    has_failed,
    not_started,
    parse_canary_answer,
    stop_reason,
)
from mantodeus_ops.inventory.parse import HostSpec
from mantodeus_ops.results import HostResult

Specs = Sequence[HostSpec]
Reason = tuple[str, str]
Together = Callable[[Specs], list[HostResult]]
TakeBack = Callable[[Specs, list[HostResult], Reason], list[HostResult]]


class Rollout:
    """A running change; what it does on hosts it is given as `together` and `take_back`."""

    def __init__(
        self,
        task: str,
        policy: Policy,
        *,
        together: Together,
        ask: Callable[[str], str],
        take_back: TakeBack,
    ) -> None:
        self._task, self._policy = task, policy
        self._together, self._ask, self._take_back = together, ask, take_back
        self._done: list[HostResult] = []
        self._stopped: Reason = ("", "")
        self._refused = False

    def run(self, specs: Specs) -> list[HostResult]:
        """Return a row for each host, in their order: what became of it, or that it never began."""
        self._canary(specs)
        for some in batches(specs[len(self._done) :], self._policy.batch):
            if self._stopped[0]:
                break
            self._done += self._together(some)
            if self._policy.on_failure != "continue":
                self._stopped = stop_reason(self._done)
        remaining = specs[len(self._done) :]
        if self._policy.on_failure == "revert" and (self._refused or stop_reason(self._done)[0]):
            self._revert(specs)
        return [
            *self._done,
            *(not_started(self._task, spec.name, self._stopped) for spec in remaining),
        ]

    def _canary(self, specs: Specs) -> None:
        """Let hosts go alone until one of them has shown something, then ask whether to go on."""
        while self._policy.canary and len(self._done) < len(specs) - 1:
            result = self._together(specs[len(self._done) :][:1])[0]
            self._done.append(result)
            if has_failed(result):
                self._stopped = stop_reason([result])
                return
            if result.ok:
                answer = self._ask(canary_question(result, len(specs) - len(self._done)))
                self._stopped = parse_canary_answer(answer, result.host)
                self._refused = bool(answer and self._stopped[0])
                return

    def _revert(self, specs: Specs) -> None:
        """Have the hosts that were done go back, the last ones first, as many at once as before."""
        indexes = [index for index, result in enumerate(self._done) if has_changed(result)]
        for some in batches(indexes[::-1], self._policy.batch):
            hosts = [specs[index] for index in some]
            back = self._take_back(hosts, [self._done[index] for index in some], self._stopped)
            for index, result in zip(some, back, strict=True):
                self._done[index] = result


__all__ = ["Reason", "Rollout", "Specs"]
