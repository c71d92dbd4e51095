"""How backups look to people: one that was made, all of them, what was proven, pruned or moved."""

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

_VERDICTS = {"good": "green", "bad": "red", "damaged": "red", "unknown": "yellow"}
_IDENTITY = ("content", "sha256")
_LIVE = {"live": "cyan"}
_PROOFS = {"whole": "green", "not whole": "red"}

_name = field("name", "backup")
_revision = field("revision", show=as_revision)
_size = field("size_bytes", "bytes", show=as_bytes)


def _verdict(data: Data) -> str:
    """Return what is known of the state; a damaged archive has none that counts."""
    return "damaged" if data.get("damaged") else field("verdict")(data)


def _backup_card(data: Data) -> Iterable[Part]:
    """Return what a person asks of a backup that was made; the rest is for programs."""
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
    """Return why it is not known whether this state is good."""
    if not data.get("sound", data.get("consistent", True)):
        return "files changed while it was made"
    return "the app was not seen healthy with these files" if verdict == "unknown" else ""


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
    """Return what did not have to be compressed again."""
    if data.get("same_as"):
        return f"everything: these are the bytes of {data['same_as']}"
    return field("reused", show=as_names)(data)


def _difference(one: Data) -> str:
    """Return what is not as what is live, the revision among it; `live` when all of it is."""
    if one.get("differs") is None:
        return NOTHING
    revision = [] if one.get("same_revision", True) else ["revision"]
    return as_names([*revision, *one["differs"]]) or "live"


_BACKUPS: tuple[Column, ...] = (
    ("backup", _name),
    ("age", field("age_seconds", show=as_seconds)),
    ("verdict", _verdict),
    ("size", lambda one: "shared" if one.get("shares") else _size(one)),
    ("differs", _difference),
)


def _backups_card(data: Data) -> Iterable[Part]:
    """Return the list, newest first: what tells them apart in columns, what they are below."""
    entries = list(data.get("backups") or ())
    if not entries:
        return [Row("backups", "none")]
    told = [{**one, "shares": _shared(one, entries[at:])} for at, one in enumerate(entries, 1)]
    listed, below = grid(told, _BACKUPS), tuple(map(_below, told))
    return [
        replace(listed, below=below, tones={"verdict": _VERDICTS, "differs": _LIVE}),
        _together(entries),
    ]


def _below(one: Data) -> str:
    """Return which version it is, why it was made, and with which older one it shares its bytes."""
    version = " ".join(filter(None, (_revision(one), str(one.get("subject") or ""))))
    reason = str(one.get("reason") or "")
    left = "left by a rollback" if one.get("left") and not reason.startswith("left by") else ""
    shares = labelled("same bytes as", one["shares"])
    return "; ".join(filter(None, (version, reason, left, shares)))


def _shared(one: Data, older: Sequence[Data]) -> str:
    return next((str(other["name"]) for other in older if _are_one(one, other)), "")


def _are_one(one: Data, other: Data) -> bool:
    """Return whether the two are one state on the same bytes."""
    return bool(one.get("same_as")) and all(one.get(key) == other.get(key) for key in _IDENTITY)


def _amount(one: Data) -> int:
    return int(one.get("bytes") or one.get("size_bytes") or 0)


def _together(entries: Sequence[Data]) -> Row:
    """Return how many there are, of how many states, and what they take; shared bytes once."""
    archives = {str(one.get("sha256") or one.get("name")): _amount(one) for one in entries}
    states = {one.get("state") or one.get("content") or one.get("name") for one in entries}
    counted = f"{human_count(len(entries), 'backup')} of {human_count(len(states), 'state')}"
    return Row("in all", joined(human_bytes(sum(archives.values())), counted))


_RESULTS: tuple[Column, ...] = (
    ("backup", _name),
    ("proof", lambda one: "whole" if one.get("ok") else "not whole"),
    ("entries", field("entries", show=lambda count: f"{count:,}")),
    ("size", _size),
    ("took", field("seconds", show=as_seconds)),
)


def _verified_card(data: Data) -> Iterable[Part]:
    """Return of each backup whether it is whole, and if not, why."""
    results = list(data.get("results") or ())
    if not results:
        return [Row("backups", "none")]
    return [
        replace(grid(results, _RESULTS), tones={"proof": _PROOFS}),
        *map(_reason, _broken(results)),
    ]


def _broken(results: Iterable[Data]) -> list[Data]:
    return [one for one in results if not one.get("ok")]


def _whole(data: Data) -> str:
    results = data.get("results") or ()
    return f"{len(results) - len(_broken(results))} of {len(results)}"


def _reason(one: Data) -> Row:
    return Row(str(one.get("name")), phrase(one.get("reason")), "red")


def _pruned_card(data: Data) -> Iterable[Part]:
    """Return which backups went, and what that freed."""
    names = "\n".join(map(str, data.get("pruned") or ()))
    freed = field("bytes", show=as_bytes)(data) if names else ""
    return rows(Row("pruned", names or "none: all of them stay"), Row("size", freed))


def _moved_card(data: Data) -> Iterable[Part]:
    """Return which backup is where now."""
    resumed = data.get("resumed_at") or 0
    again = f"the first {human_bytes(resumed)} were there already" if resumed else ""
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
verified = View(_verified_card, (("whole", _whole),))
pruned = View(_pruned_card, (("pruned", field("pruned", show=as_count)), ("size", _size)))
moved = View(_moved_card, (("backup", _name), ("file", field("file")), ("size", _size)))
