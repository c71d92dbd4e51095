"""The rows of the result: what was measured, held to the budgets of the design."""

from __future__ import annotations

from statistics import median

from .crowd_rows import crowd_rows
from .samples import Bar, Row
from .taken import Taken, Watched

OWN_SECONDS = 5.0
RELOAD_SECONDS = 2.0
OUTAGE_SECONDS = 0.5
NONE_FAILED = Bar(0, "worst", "always 0")
WATCHED = ("page", "health")
PUSHES = 4_000
PUSH_BARS = {"seconds": 2.0, "slowest": 100.0, "memory": 80.0}  # s for all, ms, MB
SHORT: dict[str, Bar | None] = {
    "inv --list": Bar(1.3, "ratio", "≤ 1.3"),
    "fab --list": None,
    "inv status": None,
    "status over SSH": Bar(1.3, "ratio", "≤ 1.3"),
    "env.set over SSH": None,
}
FASTER = {
    "bare": ("first backup, Node only", 4),
    "igzip": ("first backup, with igzip", 8),
    "same": ("backup, nothing changed", 50),
    "whole": ("  the whole command", 0),
    "dist": ("backup, only dist changed", 0),
    "touched": ("backup, modules touched", 0),
}


def groups(taken: Taken) -> list[list[Row]]:
    """Return a row for all that was measured, in the table's order, those of one task together."""
    found = [
        _deploy_rows(taken) if taken.steps else [],
        _changed_rows(taken) if taken.changed else [],
        _outage_rows(taken) if taken.steps else [],
        _cluster_rows(taken) if taken.cluster.deploy.outages else [],
        _restart_rows(taken) if taken.ours.restart.healthy else [],
        _rollback_rows(taken) if taken.extractions else [],
        _backup_rows(taken),
        _short_rows(taken),
        *crowd_rows(taken),
        _push_rows(taken) if taken.receiver.seconds else [],
    ]
    return list(filter(None, found))


def _deploy_rows(taken: Taken) -> list[Row]:
    boot = median(taken.boots)
    own = tuple(deploy.own(boot) for deploy in taken.steps)
    waited = tuple(deploy.waited(boot) for deploy in taken.steps)
    half, few = Bar(0.5, "ratio", "≤ 1/2"), Bar(OWN_SECONDS, "median", f"≤ {OWN_SECONDS:.0f} s")
    ours, by_hand = tuple(taken.ours.deploy.seconds), tuple(taken.plain.deploy.seconds)
    return [
        Row("the app's own boot", "s", tuple(taken.boots)),
        Row("deploy", "s", ours, by_hand, half),
        Row("deploy, pm2 deploy", "s", ours, tuple(taken.pm2.deploy.seconds)),
        Row("  of it our own", "s", own, (), few),
        Row("    of that health.wait", "s", waited),
    ]


def _changed_rows(taken: Taken) -> list[Row]:
    ours = tuple(deploy.seconds for deploy in taken.changed)
    install = tuple(deploy.steps.get("install", 0.0) for deploy in taken.changed)
    return [
        Row("deploy, a dependency changed", "s", ours, tuple(taken.plain.short.get("deploy", ()))),
        Row("  of it the install", "s", install),
    ]


def _outage_rows(taken: Taken) -> list[Row]:
    allowed = median(taken.boots) + OUTAGE_SECONDS
    bar = Bar(allowed, "median", f"≤ boot + {OUTAGE_SECONDS} s")
    ours, other = taken.ours.deploy, taken.plain.deploy
    return [
        *_noticed("fork", ours, other, bar),
        *_noticed("pm2 deploy", ours, taken.pm2.deploy),
    ]


def _cluster_rows(taken: Taken) -> list[Row]:
    seen = taken.cluster.deploy
    return [
        Row(f"{name}, cluster: failed", "req", seen.failed(name), (), NONE_FAILED)
        for name in WATCHED
    ]


def _noticed(label: str, ours: Watched, other: Watched, bar: Bar | None = None) -> list[Row]:
    found: list[Row] = []
    for name in WATCHED:
        failed, spans = (
            (ours.failed(name), other.failed(name)),
            (ours.spans(name), other.spans(name)),
        )
        found.append(Row(f"{name}, {label}: failed", "req", *failed))
        found.append(Row(f"{name}, {label}: outage", "s", *spans, bar))
    return found


def _restart_rows(taken: Taken) -> list[Row]:
    bar = _reload_bar(taken)
    return _healthy_rows("restart", taken.ours.restart, taken.plain.restart, bar)


def _rollback_rows(taken: Taken) -> list[Row]:
    ours, other = taken.ours.rollback, taken.plain.rollback
    unpacking = _reload_bar(taken, "untar + ", median(taken.extractions))
    return [
        *_healthy_rows("rollback", ours, other, _reload_bar(taken)),
        *_noticed("rollback", ours, other),
        Row("untar: tar -xzf of it", "s", (), tuple(taken.extractions)),
        *_healthy_rows("unpacked", taken.restore, other, unpacking),
        *_noticed("unpacked", taken.restore, other),
    ]


def _reload_bar(taken: Taken, text: str = "", seconds: float = 0) -> Bar:
    allowed = seconds + median(taken.boots) + RELOAD_SECONDS
    return Bar(allowed, "median", f"≤ {text}boot + {RELOAD_SECONDS:.0f} s")


def _healthy_rows(what: str, ours: Watched, other: Watched, bar: Bar) -> list[Row]:
    return [
        Row(f"{what}, until healthy", "s", tuple(ours.healthy), tuple(other.healthy), bar),
        Row(f"{what}, whole", "s", tuple(ours.seconds), tuple(other.seconds)),
    ]


def _backup_rows(taken: Taken) -> list[Row]:
    tar = tuple(taken.tar)
    return [
        Row(what, "s", tuple(taken.backups[kind]), tar, _faster(taken, times))
        for kind, (what, times) in FASTER.items()
        if kind in taken.backups
    ]


def _faster(taken: Taken, times: int) -> Bar | None:
    """Return the bar of being so many times as fast, which few files say nothing of."""
    return Bar(1 / times, "ratio", f"≤ 1/{times}") if times and taken.big else None


def _short_rows(taken: Taken) -> list[Row]:
    ours, other = taken.ours.short, taken.plain.short
    return [
        Row(what, "s", tuple(ours[what]), tuple(other.get(what, ())), SHORT[what])
        for what in SHORT
        if what in ours
    ]


def _push_rows(taken: Taken) -> list[Row]:
    """Return the rows of a flood of pushes; the plain receiver keeps none of them on the disk."""
    bars = {
        "seconds": (f"webhook, {PUSHES:,} pushes kept", "s", "≤ 2 s (2,000/s)"),
        "slowest": ("webhook, p99", "ms", "≤ 100 ms"),
        "memory": ("webhook, memory", "MB", "≤ 80 MB"),
    }
    return [
        Row(
            what,
            unit,
            tuple(getattr(taken.receiver, name)),
            tuple(getattr(taken.debian, name)),
            Bar(PUSH_BARS[name], "median", text),
        )
        for name, (what, unit, text) in bars.items()
    ]
