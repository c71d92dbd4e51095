"""Runs one task on its hosts: reads side by side, changes in batches, each host a row."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from mantodeus_ops import views
from mantodeus_ops.errors import OpsError
from mantodeus_ops.fleet.resolve_hosts import ResolvedHosts
from mantodeus_ops.fleet.rollout import Reason, Rollout, Specs
from mantodeus_ops.fleet.rollout_policy import not_started, reverted_result
from mantodeus_ops.fleet.run_options import RunOptions, parse_run_options
from mantodeus_ops.fleet.task_spec import FleetTask
from mantodeus_ops.fleet.thread_pool import run_concurrently
from mantodeus_ops.inventory.locate import load_inventory
from mantodeus_ops.inventory.parse import HostSpec
from mantodeus_ops.program_name import as_called
from mantodeus_ops.redaction.process import REDACTOR, RedactingListener
from mantodeus_ops.remote.connect import ConnectionPool
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.options import Options
from mantodeus_ops.results import HostResult, TaskResult, failure, mistake, with_hints
from mantodeus_ops.text.hints import typed_hint
from mantodeus_ops.transaction.local_user import refuse_root
from mantodeus_ops.ui.fleet_board import FleetBoard, fleet_board
from mantodeus_ops.ui.layout import View
from mantodeus_ops.ui.print_results import emit, show_error
from mantodeus_ops.ui.progress import progress
from mantodeus_ops.ui.streams import outliving_the_terminal
from mantodeus_ops.ui.terminal import SafeStream, answer
from mantodeus_ops.ui.watch_board import board

Body = Callable[[Host], TaskResult]

_INTERRUPTED = TaskResult(
    "failed", exit_code=1, error="stopped by you; the live app is unchanged", hint="inv status"
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


def report_error(error: OpsError, program: str) -> int:
    """Tell the person on stderr, with the task to type behind this door; return the exit code."""
    hint = as_called(typed_hint(error.hint, program))
    show_error(REDACTOR.text(error.message), REDACTOR.text(hint), sys.stderr)
    return error.exit_code


def report_no_hosts() -> int:
    """Tell the person that no host is in the state that was asked for; return the exit code."""
    SafeStream(sys.stderr).write("no host matches; nothing to do\n")
    return 0


class Fleet:
    """The hosts of one command line."""

    def __init__(self, connections: ConnectionPool) -> None:
        self._connections = connections
        REDACTOR.install()

    def run(
        self, task: FleetTask, hosts: ResolvedHosts, kwargs: Mapping[str, object], *, dry: bool
    ) -> int:
        """Run the task on these hosts and show the results; return the highest exit code."""
        options = parse_run_options(task, kwargs, dry=dry, local=self._connections.here)
        view: View = getattr(views, task.kind.view)
        endless = view.live or bool(options.own.get("follow"))
        with outliving_the_terminal(lambda: self._hung_up(endless=endless)):
            results = _across(task, Run(self._connections, task, options, view).on(hosts.specs))
        results += [HostResult(task.name, *lost, 0.0) for lost in hosts.lost.items()]
        emit(
            # After all have ended: the secrets of one host are redacted in the rows of all.
            list(map(REDACTOR.result, results)),
            view,
            as_json=options.options.as_json,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )
        return max((result.task_result.exit_code for result in results), default=0)

    def _hung_up(self, *, endless: bool) -> None:
        """End tasks that only watch after a hang-up; all others continue."""
        self._connections.stop()
        if endless:
            raise KeyboardInterrupt


class Run:
    """A task on its hosts, and the screens that show it."""

    def __init__(
        self, connections: ConnectionPool, task: FleetTask, options: RunOptions, view: View
    ) -> None:
        self._connections, self._task, self._options, self._view = connections, task, options, view
        self._label = False
        self._samples = board(sys.stderr) if view.live else None
        self._screen: FleetBoard | None = None

    def on(self, specs: Specs) -> list[HostResult]:
        """Return what the task came to on each of the hosts, in their order."""
        strategy = self._choose_strategy(specs)
        self._label = len(specs) > 1
        if self._label and not (self._view.live or self._view.quiet):
            self._screen = fleet_board(sys.stderr, [spec.name for spec in specs])
        try:
            return strategy(specs)
        finally:
            for screen in (self._samples, self._screen):
                if screen:
                    screen.close()

    def _choose_strategy(self, specs: Specs) -> Callable[[Specs], list[HostResult]]:
        """Return how the task goes through the hosts; raise UsageError before anything began."""
        if not specs or not self._task.kind.changes:
            return self._run_batch
        policy = self._options.policy(self._task, len(specs), specs[0].app.batch)
        if self._options.options.dry_run:
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
            lambda spec: self._run_host(spec, self._body, self._options.options),
            lambda spec: not_started(self._task.name, spec.name, _BY_YOU),
        )

    def _take_back(
        self, specs: Specs, done: Sequence[HostResult], reason: Reason
    ) -> list[HostResult]:
        way_back = self._task.kind.reverts
        if not way_back:
            return list(done)
        go, results_by_host = way_back.go, {result.host: result for result in done}
        options = replace(self._options.options, yes=True)

        def back(spec: HostSpec) -> HostResult:
            data = results_by_host[spec.name].task_result.data
            result = self._run_host(spec, lambda host: go(host, data), options)
            return reverted_result(results_by_host[spec.name], result, reason)

        def left(spec: HostSpec) -> HostResult:
            never = HostResult(self._task.name, spec.name, _INTERRUPTED, 0.0)
            return reverted_result(results_by_host[spec.name], never, reason)

        return self._run_hosts(specs, back, left)

    def _run_hosts(
        self,
        specs: Specs,
        work: Callable[[HostSpec], HostResult],
        left: Callable[[HostSpec], HostResult],
    ) -> list[HostResult]:
        """Return the results of all hosts, including those not started."""
        if len(specs) == 1:
            return [work(specs[0])]
        done = run_concurrently(
            specs, work, stop=self._connections.stop, close=self._connections.close
        )
        return [*done, *map(left, specs[len(done) :])]

    def _body(self, host: Host) -> TaskResult:
        result: TaskResult = self._task.body(host, **self._options.own)
        return result

    def _run_host(self, spec: HostSpec, body: Body, options: Options) -> HostResult:
        out = sys.stderr if options.as_json else sys.stdout
        events = (
            self._screen.begun(spec.name)
            if self._screen
            else progress(sys.stderr, spec.name, label=self._label, out=out, board=self._samples)
        )
        began = time.monotonic()
        try:
            result = body(
                self._connections.host(spec, options, RedactingListener(events, REDACTOR))
            )
        except OpsError as error:
            result = failure(error)
        except KeyboardInterrupt:
            result = _INTERRUPTED
        except Exception as error:
            if os.environ.get("OPS_DEBUG"):
                raise
            result = mistake(error)
        finally:
            events.close()
            self._connections.leave(spec)
        if self._screen:
            self._screen.ended(spec.name, result)
        program = "inv" if options.here else f"fab -H {spec.name}"
        result = with_hints(result, lambda hint: as_called(typed_hint(hint, program)))
        dry = options.dry_run and self._task.kind.changes
        return HostResult(self._task.name, spec.name, result, time.monotonic() - began, dry=dry)

    def _ask(self, question: str) -> str:
        """Return what a person says to this; --yes has said it already."""
        if self._options.options.yes:
            return "yes"
        if self._screen:
            with self._screen.silent():
                return answer(SafeStream(sys.stderr), question, sys.stdin)
        return answer(SafeStream(sys.stderr), question, sys.stdin)


def _across(task: FleetTask, results: list[HostResult]) -> list[HostResult]:
    """Return the results with what the task makes of all of them together."""
    if not task.kind.across:
        return results
    reports = task.kind.across({result.host: result.task_result for result in results})
    return [replace(result, task_result=reports[result.host]) for result in results]
