"""The rows of the result: what was measured, held to the budgets of the design."""

from __future__ import annotations

from statistics import median

from .measure import Side, Taken
from .samples import Bar, Row

OWN_SECONDS = 5.0
RESTART_SECONDS = 2.0
OUTAGE_SECONDS = 0.5
NONE_FAILED = Bar(0, "worst", "always 0")


def rows(taken: Taken) -> list[Row]:
    """Return every row, in the order of the table."""
    return [*_deploy_rows(taken), *_outage_rows(taken), *_restart_rows(taken), *_short_rows(taken)]


def _deploy_rows(taken: Taken) -> list[Row]:
    boot = median(taken.boots)
    own = tuple(deploy.own(boot) for deploy in taken.steps)
    waited = tuple(deploy.waited(boot) for deploy in taken.steps)
    half, few = Bar(0.5, "ratio", "≤ 1/2"), Bar(OWN_SECONDS, "median", f"≤ {OWN_SECONDS:.0f} s")
    return [
        Row("the app's own boot", "s", tuple(taken.boots)),
        Row("deploy", "s", tuple(taken.ours.deploys), tuple(taken.plain.deploys), half),
        Row("  of it our own", "s", own, (), few),
        Row("    of that health.wait", "s", waited),
    ]


def _outage_rows(taken: Taken) -> list[Row]:
    allowed = median(taken.boots) + OUTAGE_SECONDS
    bar = Bar(allowed, "median", f"≤ boot + {OUTAGE_SECONDS} s")
    found: list[Row] = []
    for name in ("page", "health"):
        found += [
            Row(
                f"{name}, fork: failed",
                "req",
                _failed(taken.ours, name),
                _failed(taken.plain, name),
            ),
            Row(
                f"{name}, fork: outage",
                "s",
                _spans(taken.ours, name),
                _spans(taken.plain, name),
                bar,
            ),
        ]
    for name in ("page", "health"):
        found.append(
            Row(f"{name}, cluster: failed", "req", _failed(taken.cluster, name), (), NONE_FAILED)
        )
    return found


def _failed(side: Side, name: str) -> tuple[float, ...]:
    return tuple(float(seen.failed) for seen in side.outages[name])


def _spans(side: Side, name: str) -> tuple[float, ...]:
    return tuple(seen.seconds for seen in side.outages[name])


def _restart_rows(taken: Taken) -> list[Row]:
    allowed = median(taken.boots) + RESTART_SECONDS
    bar = Bar(allowed, "median", f"≤ boot + {RESTART_SECONDS:.0f} s")
    ours, other = taken.ours, taken.plain
    return [
        Row("restart, until healthy", "s", tuple(ours.healthy), tuple(other.healthy), bar),
        Row("restart, whole", "s", tuple(ours.restarts), tuple(other.restarts)),
    ]


def _short_rows(taken: Taken) -> list[Row]:
    bar = Bar(1.3, "ratio", "≤ 1.3")
    ours, other = taken.ours, taken.plain
    return [
        Row("status over SSH", "s", tuple(ours.status), tuple(other.status), bar),
        Row("inv --list", "s", tuple(ours.listing), tuple(other.listing), bar),
    ]
