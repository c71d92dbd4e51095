"""The views of the backup tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from mantodeus_ops.text.format import human_bytes, human_count
from mantodeus_ops.ui.formatters import (
    as_bytes,
    as_count,
    as_names,
    as_revision,
    as_seconds,
    joined,
    labelled,
    newest,
)
from mantodeus_ops.ui.layout import (
    NOTHING,
    Column,
    Data,
    Part,
    Row,
    View,
    field,
    grid,
    phrase,
    rows,
)

_CHANGED = "good, changed since"
_VERDICTS = {
    "good": "green",
    _CHANGED: "yellow",
    "bad": "red",
    "damaged": "red",
    "unknown": "yellow",
}
_IDENTITY = ("content", "sha256")
_LIVE = {"live": "cyan"}
_PROOFS = {"whole": "green", "not whole": "red"}

_name = field("name", "backup")
_revision = field("revision", show=as_revision)
_size = field("size_bytes", "bytes", show=as_bytes)


def _verdict(data: Data) -> str:
    """Return the verdict; a damaged archive has no other."""
    if data.get("damaged"):
        return "damaged"
    return _CHANGED if data.get("changed") else field("verdict")(data)


def _backup_card(data: Data) -> Iterable[Part]:
    """Return the facts about a new backup that people need."""
    if data.get("backup") == "":
        return [Row("backup", "none: there is nothing to back up yet")]
    verdict = _verdict(data)
    return rows(
        Row("backup", _name(data)),
        Row("verdict", verdict, _VERDICTS.get(verdict, "")),
        Row("", _doubt(data, verdict), "yellow"),
        Row("revision", " ".join(filter(None, (_revision(data), _branch(data))))),
        Row("size", joined(_size(data), _entries(data), _unpacked(data))),
        Row("took", field("backup_seconds", show=as_seconds)(data)),
        Row("reused", _reused(data)),
        Row("copied to", _offsite(data.get("offsite"))),
        Row("absent", field("absent", show=as_names)(data)),
        Row("left out", field("skipped", show=as_names)(data), "yellow"),
        Row("pruned", "\n".join(map(str, data.get("pruned") or ())), "dim"),
    )


def _doubt(data: Data, verdict: str) -> str:
    """Return why the verdict of this state is unknown."""
    if not data.get("sound", data.get("consistent", True)):
        return "files changed during the backup"
    reasons = {
        "unknown": "the app was never healthy with these files",
        _CHANGED: "files of the version were written after it was seen healthy",
    }
    return reasons.get(verdict, "")


def _offsite(copy: object) -> str:
    return field("to")(copy) if isinstance(copy, Mapping) else ""


def _branch(data: Data) -> str:
    return labelled("on", field("branch")(data))


def _entries(data: Data) -> str:
    count = data.get("entries")
    return f"{count:,} entries" if isinstance(count, int) else ""


def _unpacked(data: Data) -> str:
    return labelled("unpacked", field("plain_bytes", show=as_bytes)(data))


def _reused(data: Data) -> str:
    """Return what was reused from an older backup."""
    if data.get("same_as"):
        return f"everything: same bytes as {data['same_as']}"
    return field("reused", show=as_names)(data)


def _difference(backup: Data) -> str:
    """Return the parts that differ from the live state; `live` when none does."""
    if backup.get("differs") is None:
        return NOTHING
    revision = [] if backup.get("same_revision", True) else ["revision"]
    return as_names([*revision, *backup["differs"]]) or "live"


_BACKUPS: tuple[Column, ...] = (
    ("backup", _name),
    ("age", field("age_seconds", show=as_seconds)),
    ("verdict", _verdict),
    ("size", lambda one: "shared" if one.get("shares") else _size(one)),
    ("differs", _difference),
)


def _backups_card(data: Data) -> Iterable[Part]:
    """Return the list of backups, newest first, with details below each."""
    entries = list(data.get("backups") or ())
    if not entries:
        return [Row("backups", "none")]
    shown = [
        {**backup, "shares": _shared(backup, entries[index:])}
        for index, backup in enumerate(entries, 1)
    ]
    listed, below = grid(shown, _BACKUPS), tuple(map(_below, shown))
    return [
        replace(listed, below=below, tones={"verdict": _VERDICTS, "differs": _LIVE}),
        _together(entries),
    ]


def _below(backup: Data) -> str:
    """Return version and reason of a backup, and the older one that shares its bytes."""
    version = " ".join(filter(None, (_revision(backup), str(backup.get("subject") or ""))))
    reason = str(backup.get("reason") or "")
    origin = "left by a rollback" if backup.get("left") and not reason.startswith("left by") else ""
    shares = labelled("same bytes as", backup["shares"])
    return "; ".join(filter(None, (version, reason, origin, shares)))


def _shared(backup: Data, older: Sequence[Data]) -> str:
    return next((str(other["name"]) for other in older if _are_one(backup, other)), "")


def _are_one(backup: Data, other: Data) -> bool:
    """Return whether both backups hold one state and share their bytes."""
    return bool(backup.get("same_as")) and all(
        backup.get(key) == other.get(key) for key in _IDENTITY
    )


def _amount(backup: Data) -> int:
    return int(backup.get("bytes") or backup.get("size_bytes") or 0)


def _together(entries: Sequence[Data]) -> Row:
    """Return the number of backups and states, and their size; shared bytes count once."""
    archives = {
        str(backup.get("sha256") or backup.get("name")): _amount(backup) for backup in entries
    }
    states = {
        backup.get("state") or backup.get("content") or backup.get("name") for backup in entries
    }
    counted = f"{human_count(len(entries), 'backup')} of {human_count(len(states), 'state')}"
    return Row("in all", joined(human_bytes(sum(archives.values())), counted))


_RESULTS: tuple[Column, ...] = (
    ("backup", _name),
    ("proof", lambda one: "whole" if one.get("ok") else "not whole"),
    ("entries", field("entries", show=lambda count: f"{count:,}")),
    ("size", _size),
    ("took", field("seconds", show=as_seconds)),
)


def _verify_card(data: Data) -> Iterable[Part]:
    """Return for each backup whether it is intact, or why not."""
    results = list(data.get("results") or ())
    if not results:
        return [Row("backups", "none")]
    return [
        replace(grid(results, _RESULTS), tones={"proof": _PROOFS}),
        *map(_reason, _broken(results)),
    ]


def _broken(results: Iterable[Data]) -> list[Data]:
    return [result for result in results if not result.get("ok")]


def _whole(data: Data) -> str:
    results = data.get("results") or ()
    return f"{len(results) - len(_broken(results))} of {len(results)}"


def _reason(result: Data) -> Row:
    return Row(str(result.get("name")), phrase(result.get("reason")), "red")


def _prune_card(data: Data) -> Iterable[Part]:
    """Return the deleted backups and the bytes freed."""
    names = "\n".join(map(str, data.get("pruned") or ()))
    freed = field("bytes", show=as_bytes)(data) if names else ""
    return rows(Row("pruned", names or "none: all are kept"), Row("size", freed))


def _transfer_card(data: Data) -> Iterable[Part]:
    """Return the copied backup and its location."""
    resumed = data.get("resumed_at") or 0
    again = f"the first {human_bytes(resumed)} already existed" if resumed else ""
    return rows(
        Row("backup", _name(data)),
        Row("file", field("file")(data)),
        Row("size", joined(_size(data), again)),
    )


backup = View(
    _backup_card,
    (
        ("backup", field("backup")),
        ("verdict", _verdict),
        ("size", _size),
        ("revision", _revision),
        ("pruned", field("pruned", show=as_count)),
    ),
)
backups = View(_backups_card, newest("backups", _BACKUPS[:3]))
verify = View(_verify_card, (("whole", _whole),))
prune = View(_prune_card, (("pruned", field("pruned", show=as_count)), ("size", _size)))
transfer = View(_transfer_card, (("backup", _name), ("file", field("file")), ("size", _size)))
