"""Runs one task on its hosts: reads side by side, changes in batches, each host a row."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mantodeus_ops import views
from mantodeus_ops.errors import OpsError
from mantodeus_ops.fleet.pool import run_concurrently
from mantodeus_ops.fleet.resolve import ResolvedHosts
from mantodeus_ops.fleet.rollout import Reason, Rollout, Specs
from mantodeus_ops.fleet.rollout_policy import not_begun, reverted
from mantodeus_ops.fleet.run_options import RunOptions, parse_run_options
from mantodeus_ops.fleet.task_spec import FleetTask
from mantodeus_ops.inventory.locate import load_inventory
from mantodeus_ops.inventory.parse import HostSpec
from mantodeus_ops.program_name import as_called
from mantodeus_ops.redaction.process import REDACTOR, RedactingListener
from mantodeus_ops.remote.connect import ConnectionPool
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.options import Options
from mantodeus_ops.results import HostResult, TaskResult, failure, mistake, with_hints
from mantodeus_ops.text.hints import typed_hint
from mantodeus_ops.transaction.operator import refuse_root
from mantodeus_ops.ui.fleet_board import FleetBoard, fleet_board
from mantodeus_ops.ui.layout import View
from mantodeus_ops.ui.progress import progress
from mantodeus_ops.ui.results import emit, show_error
from mantodeus_ops.ui.streams import outliving_the_terminal
from mantodeus_ops.ui.terminal import SafeStream, answer
from mantodeus_ops.ui.watch_board import board

Body = Callable[[Host], TaskResult]

_INTERRUPTED = TaskResult(
    "failed", exit_code=1, error="stopped by you; the live app is as it was", hint="inv status"
)
_BY_YOU: Reason = ("stopped by you", "")


def run_here(task: FleetTask, kwargs: Mapping[str, object], *, dry: bool) -> int:
    """Run the task on this machine; return the exit code."""
    try:
        refuse_root()
        inventory = load_inventory()
        spec = inventory.local_host(os.environ.get("OPS_LOCAL", ""))
        return Fleet(ConnectionPool(inventory, local=True)).run(
            task, ResolvedHosts((spec,)), kwargs, dry=dry
        )
    except OpsError as error:
        return report_error(error, "inv")


def report_error(error: OpsError, door: str) -> int:
    """Tell the person on stderr, with the task to type behind this door; return the exit code."""
    hint = as_called(typed_hint(error.hint, door))
    show_error(REDACTOR.text(error.message), REDACTOR.text(hint), sys.stderr)
    return error.exit_code


def told_no_host() -> int:
    """Tell the person that no host is in the state that was asked for; return the exit code."""
    SafeStream(sys.stderr).write("no host is meant by this: nothing to do\n")
    return 0


class Fleet:
    """The hosts of one command line."""

    def __init__(self, doors: ConnectionPool) -> None:
        self._doors = doors
        REDACTOR.install()

    def run(
        self, task: FleetTask, chosen: ResolvedHosts, kwargs: Mapping[str, object], *, dry: bool
    ) -> int:
        """Run the task on these hosts and show what came of it; return the highest exit code."""
        given = parse_run_options(task, kwargs, dry=dry, here=self._doors.here)
        view: View = getattr(views, task.kind.view)
        endless = view.live or bool(given.own.get("follow"))
        with outliving_the_terminal(lambda: self._hung_up(endless=endless)):
            results = _across(task, Run(self._doors, task, given, view).on(chosen.specs))
        results += [HostResult(task.name, *lost, 0.0) for lost in chosen.lost.items()]
        emit(
            # Not before all have ended: the secrets of one host are hidden in the rows of all.
            list(map(REDACTOR.result, results)),
            view,
            as_json=given.options.as_json,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )
        return max((result.task_result.exit_code for result in results), default=0)

    def _hung_up(self, *, endless: bool) -> None:
        """End what only watches, as it is not seen any more; all else goes on."""
        self._doors.stop()
        if endless:
            raise KeyboardInterrupt


class Run:
    """One task on its hosts, and the screens that it is seen on meanwhile."""

    def __init__(
        self, doors: ConnectionPool, task: FleetTask, given: RunOptions, view: View
    ) -> None:
        self._doors, self._task, self._given, self._view = doors, task, given, view
        self._label = False
        self._samples = board(sys.stderr) if view.live else None
        self._screen: FleetBoard | None = None

    def on(self, specs: Specs) -> list[HostResult]:
        """Return what the task came to on each of the hosts, in their order."""
        way = self._choose_strategy(specs)
        self._label = len(specs) > 1
        if self._label and not (self._view.live or self._view.quiet):
            self._screen = fleet_board(sys.stderr, [spec.name for spec in specs])
        try:
            return way(specs)
        finally:
            for screen in (self._samples, self._screen):
                if screen:
                    screen.close()

    def _choose_strategy(self, specs: Specs) -> Callable[[Specs], list[HostResult]]:
        """Return how the task goes through the hosts; raise UsageError before anything began."""
        if not specs or not self._task.kind.changes:
            return self._run_batch
        policy = self._given.policy(self._task, len(specs), specs[0].app.batch)
        if self._given.options.dry_run:
            return self._run_batch
        return Rollout(
            self._task.name,
            policy,
            together=self._run_batch,
            ask=self._ask,
            take_back=self._take_back,
        ).run

    def _run_batch(self, specs: Specs) -> list[HostResult]:
        return self._run_hosts(
            specs,
            lambda spec: self._run_host(spec, self._body, self._given.options),
            lambda spec: not_begun(self._task.name, spec.name, _BY_YOU),
        )

    def _take_back(
        self, specs: Specs, done: Sequence[HostResult], reason: Reason
    ) -> list[HostResult]:
        way_back = self._task.kind.reverts
        if not way_back:
            return list(done)
        go, made = way_back.go, {result.host: result for result in done}
        options = replace(self._given.options, yes=True)

        def back(spec: HostSpec) -> HostResult:
            data = made[spec.name].task_result.data
            result = self._run_host(spec, lambda host: go(host, data), options)
            return reverted(made[spec.name], result, reason)

        def left(spec: HostSpec) -> HostResult:
            never = HostResult(self._task.name, spec.name, _INTERRUPTED, 0.0)
            return reverted(made[spec.name], never, reason)

        return self._run_hosts(specs, back, left)

    def _run_hosts(
        self,
        specs: Specs,
        work: Callable[[HostSpec], HostResult],
        left: Callable[[HostSpec], HostResult],
    ) -> list[HostResult]:
        """Return what came of each host, those that were not begun included."""
        if len(specs) == 1:
            return [work(specs[0])]
        done = run_concurrently(specs, work, stop=self._doors.stop, close=self._doors.close)
        return [*done, *map(left, specs[len(done) :])]

    def _body(self, host: Host) -> TaskResult:
        report: TaskResult = self._task.body(host, **self._given.own)
        return report

    def _run_host(self, spec: HostSpec, body: Body, options: Options) -> HostResult:
        out = sys.stderr if options.as_json else sys.stdout
        events = (
            self._screen.begun(spec.name)
            if self._screen
            else progress(sys.stderr, spec.name, label=self._label, out=out, board=self._samples)
        )
        began = time.monotonic()
        try:
            report = body(self._doors.host(spec, options, RedactingListener(events, REDACTOR)))
        except OpsError as error:
            report = failure(error)
        except KeyboardInterrupt:
            report = _INTERRUPTED
        except Exception as error:
            if os.environ.get("OPS_DEBUG"):
                raise
            report = mistake(error)
        finally:
            events.close()
            self._doors.leave(spec)
        if self._screen:
            self._screen.ended(spec.name, report)
        door = "inv" if options.here else f"fab -H {spec.name}"
        report = with_hints(report, lambda hint: as_called(typed_hint(hint, door)))
        dry = options.dry_run and self._task.kind.changes
        return HostResult(self._task.name, spec.name, report, time.monotonic() - began, dry=dry)

    def _ask(self, question: str) -> str:
        """Return what a person says to this; --yes has said it already."""
        if self._given.options.yes:
            return "yes"
        if self._screen:
            with self._screen.silent():
                return answer(SafeStream(sys.stderr), question, sys.stdin)
        return answer(SafeStream(sys.stderr), question, sys.stdin)


def _across(task: FleetTask, results: list[HostResult]) -> list[HostResult]:
    """Return the results with what the task makes of all of them together."""
    if not task.kind.across:
        return results
    reports = task.kind.across({one.host: one.task_result for one in results})
    return [replace(one, task_result=reports[one.host]) for one in results]
