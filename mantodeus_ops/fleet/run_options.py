"""What a person gave a task on the command line: the common options, and the task's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mantodeus_ops.fleet.batches import batch_size, whole_number
from mantodeus_ops.fleet.rollout_policy import Policy, failure_mode
from mantodeus_ops.fleet.task_spec import FleetTask
from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.redaction.redactor import secret_values
from mantodeus_ops.remote.connect import reconnect_seconds
from mantodeus_ops.remote.options import Options
from mantodeus_ops.ui.prompts import hidden_value

_ONLY_ASKING = frozenset({"from_file", "empty"})


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of one run; `own` are those that the task's body takes."""

    options: Options
    own: Mapping[str, object]
    batch: str = ""
    canary: bool = False
    on_failure: str = ""

    def policy(self, task: FleetTask, hosts: int, batch: str) -> Policy:
        """Return how a change goes through so many hosts; `batch` is the inventory's word."""
        way_back = task.kind.reverts
        unless = way_back.unless if way_back and self.own.get(way_back.unless) else ""
        mode = failure_mode(
            self.on_failure,
            task.name,
            reverts=bool(way_back),
            unless=unless.replace("_", "-"),
        )
        return Policy(batch_size(self.batch or batch, hosts), self.canary, mode)


def parse_run_options(
    task: FleetTask, kwargs: Mapping[str, object], *, dry: bool, local: bool
) -> RunOptions:
    """Return what was given; the option that a task asks for is asked for now. Raise UsageError."""
    own = dict(kwargs)
    options = Options(
        dry_run=bool(own.pop("dry_run", False)) or dry,
        as_json=bool(own.pop("json", False)),
        yes=bool(own.pop("yes", False)),
        wait_seconds=whole_number(str(own.pop("wait", "") or "0"), "wait"),
        here=local,
        reconnect_seconds=reconnect_seconds(),
    )
    batch, canary = str(own.pop("batch", "")), bool(own.pop("canary", False))
    on_failure = str(own.pop("on_failure", ""))
    return RunOptions(options, _with_defaults(task, own), batch, canary, on_failure)


def _with_defaults(task: FleetTask, own: dict[str, object]) -> dict[str, object]:
    """Return the task's options, with the one that it asks a person for."""
    if not task.kind.asks:
        return own
    passed = {name: value for name, value in own.items() if name not in _ONLY_ASKING}
    value = hidden_value(str(own.get("name", "")), own)
    REDACTOR.add_secrets(secret_values({}, also=[value]))
    return passed | {task.kind.asks: value}
