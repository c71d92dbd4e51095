"""Runs one task on its hosts: reads side by side, changes in batches, each host a row."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

from invoke.exceptions import Exit

from ..pure.batches import batch_size, batches, whole_number
from ..pure.errors import OpsError, UnreachableError
from ..pure.inventory import HostSpec
from ..pure.options import Options
from ..pure.outcome import Outcome, Report, failure
from ..pure.redaction import secret_values
from ..pure.words import typed_hint
from ..show import views
from ..show.board import board
from ..show.progress import progress
from ..show.result import emit, show_error
from ..show.spoken import Board
from ..show.view import View
from .factory import Doors, reconnect_seconds
from .hidden import hidden_value
from .inventory_file import load_inventory
from .operator import refuse_root
from .task import HostTask
from .veil import VEIL, Veiled

AT_ONCE = 20
_ONLY_ASKING = frozenset({"from_file", "empty"})
_STOPS_WITHIN = 4.0  # seconds; a program that is watched is heard of every second or two
_INTERRUPTED = Report(
    "failed", exit_code=1, error="stopped by you; the live app is as it was", hint="inv status"
)
_SKIPPED = Report(
    "skipped", exit_code=1, error="not begun: an earlier host failed", hint="fab -H NAME deploy"
)


def run_here(task: HostTask, kwargs: Mapping[str, Any], *, dry: bool) -> int:
    """Run the task on this machine; return the exit code."""
    try:
        refuse_root()
        inventory = load_inventory()
        spec = inventory.local_host(os.environ.get("OPS_LOCAL", ""))
        return Fleet(Doors(inventory, local=True)).run(task, (spec,), kwargs, dry=dry)
    except OpsError as error:
        return told(error, "inv")


def told(error: OpsError, door: str) -> int:
    """Tell the person on stderr, with the task to type behind this door; return the exit code."""
    hint = typed_hint(error.hint, door)
    show_error(VEIL.text(error.message), VEIL.text(hint), sys.stderr)
    return error.exit_code


class Fleet:
    """The hosts of one command line."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._board: Board | None = None

    def run(
        self, task: HostTask, specs: Sequence[HostSpec], kwargs: Mapping[str, Any], *, dry: bool
    ) -> int:
        """Run the task on these hosts and show what came of it; return the highest exit code."""
        options, own, batch = _options(kwargs, dry=dry, here=self._doors.here)
        own = _completed(task, own)
        view: View = getattr(views, task.kind.view)
        self._board = board(sys.stderr) if view.live else None
        outcomes: list[Outcome] = []
        for some in batches(specs, self._size(task, specs, batch, options)):
            if task.kind.changes and any(_stops(outcome) for outcome in outcomes):
                outcomes += [Outcome(task.name, spec.name, _SKIPPED, 0.0) for spec in some]
            else:
                outcomes += self._together(task, some, own, options, label=len(specs) > 1)
        if self._board:
            self._board.close()
        outcomes = _across(task, outcomes)
        emit(
            # Not before all have ended: the secrets of one host are hidden in the rows of all.
            list(map(VEIL.outcome, outcomes)),
            view,
            as_json=options.as_json,
            stdout=sys.stdout,
            stderr=sys.stderr,
        )
        return max((outcome.report.exit_code for outcome in outcomes), default=0)

    def _size(self, task: HostTask, specs: Sequence[HostSpec], batch: str, options: Options) -> int:
        if not task.kind.changes or options.dry_run:
            return max(1, len(specs))
        return batch_size(batch or specs[0].app.batch, len(specs))

    def _together(
        self,
        task: HostTask,
        specs: Sequence[HostSpec],
        own: Mapping[str, Any],
        options: Options,
        *,
        label: bool,
    ) -> list[Outcome]:
        if len(specs) == 1:
            return [self._one(task, specs[0], own, options, label)]
        with ThreadPoolExecutor(min(AT_ONCE, len(specs))) as pool:
            futures = [pool.submit(self._one, task, spec, own, options, label) for spec in specs]
            try:
                return [future.result() for future in futures]
            except KeyboardInterrupt:
                self._doors.stop()
                if not wait(futures, timeout=_STOPS_WITHIN).not_done:
                    return [future.result() for future in futures]
                self._doors.close()
                raise Exit("stopped watching; what runs on the hosts goes on", 1) from None

    def _one(
        self, task: HostTask, spec: HostSpec, own: Mapping[str, Any], options: Options, label: bool
    ) -> Outcome:
        out = sys.stderr if options.as_json else sys.stdout
        events = progress(sys.stderr, spec.name, label=label, out=out, board=self._board)
        began = time.monotonic()
        try:
            report = task.body(self._doors.host(spec, options, Veiled(events, VEIL)), **own)
        except OpsError as error:
            report = failure(error)
        except KeyboardInterrupt:
            report = _INTERRUPTED
        except Exception as error:
            if os.environ.get("OPS_DEBUG"):
                raise
            report = _bug(error)
        finally:
            events.close()
        door = "inv" if options.here else f"fab -H {spec.name}"
        report = replace(report, hint=typed_hint(report.hint, door))
        dry = options.dry_run and task.kind.changes
        return Outcome(task.name, spec.name, report, time.monotonic() - began, dry=dry)


def _across(task: HostTask, outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes with what the task makes of all of them together."""
    if not task.kind.across:
        return outcomes
    reports = task.kind.across({one.host: one.report for one in outcomes})
    return [replace(one, report=reports[one.host]) for one in outcomes]


def _completed(task: HostTask, own: dict[str, Any]) -> dict[str, Any]:
    """Return the task's options, with the one that it asks a person for."""
    if not task.kind.asks:
        return own
    known = {name: value for name, value in own.items() if name not in _ONLY_ASKING}
    value = hidden_value(str(own.get("name", "")), own)
    VEIL.hide(secret_values({}, also=[value]))
    return known | {task.kind.asks: value}


def _stops(outcome: Outcome) -> bool:
    """Return whether later batches must not begin."""
    # A host that is away says nothing about the version.
    return outcome.report.exit_code not in (0, UnreachableError.exit_code)


def _bug(error: Exception) -> Report:
    message = f"a mistake in this tool: {type(error).__name__}: {error}"
    return Report(
        "failed",
        exit_code=1,
        error=message,
        hint="run it again with OPS_DEBUG=1 and report what it prints",
    )


def _options(
    kwargs: Mapping[str, Any], *, dry: bool, here: bool
) -> tuple[Options, dict[str, Any], str]:
    own = dict(kwargs)
    options = Options(
        dry_run=bool(own.pop("dry_run", False)) or dry,
        as_json=bool(own.pop("json", False)),
        yes=bool(own.pop("yes", False)),
        wait_seconds=whole_number(own.pop("wait", "") or "0", "wait"),
        here=here,
        reconnect_seconds=reconnect_seconds(),
    )
    return options, own, str(own.pop("batch", ""))
