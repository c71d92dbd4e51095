"""What each program on a host answers: decoded and held to its shape, whatever a host may send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import answer_parts as parts
from .decode import (
    Reader,
    UnexpectedError,
    base64,
    bulk,
    decoded,
    each,
    flag,
    many,
    matching,
    number,
    record,
    text,
    whole,
)
from .host_codes import is_refusal

_none_yet = {"missing?": flag}
_ANSWERS: Mapping[str, Reader] = {
    "look": parts.look,
    "standing": parts.standing,
    "states": parts.states,
    "restorable": parts.restorable,
    "variables": parts.variables,
    "target": parts.target,
    "record": record({"backups": many(parts.backup)}),
    "room": parts.room,
    "entry": record({"entry": record({"digest": text})}),
    "gitfree": record({"freed": number}),
    "patch": record({"file": text}),
    "fetchable": record({"manifest": record({}), "file": text}),
    "receiving": record({"there": flag, "have": whole, "file": text}),
    "receiverseen": parts.receiver,
    "receiverstart": record({"pid": whole}),
    "hookping": record({"status?": whole, **each(text, "body? error? kind? location?")}),
    "lockstep take": parts.taken,
    "lockstep again": parts.taken,
    "lockstep freeze": parts.taken,
    "lockstep read": parts.lock,
    "lockstep release": record({"done": flag}),
    "asked facts": record({"facts?": parts.books, **_none_yet}),
    "asked deliveries": record({"deliveries?": many(parts.delivery), **_none_yet}),
    "asked redeliver": record({"delivery?": parts.delivery, **_none_yet}),
}
_RESULTS: Mapping[str, Reader] = {
    "backup": record({f"{key.rstrip('?')}?": one for key, one in parts.BACKUP.items()}),
    "commit": parts.committed,
    "recover": parts.committed,
    "verify": record({"results": many(parts.proof)}),
    "offsite": record(each(text, "snapshot?")),
    "receive": record({"name": text, **each(many(text), "paths absent")}),
}
_EVENTS: Mapping[str, Reader] = {
    "logs": record(
        {"sources?": many(text), "line?": bulk, "at?": whole, **each(text, "note? source? file?")}
    ),
    "watch": record({"sample?": parts.sample}),
    "wait": record({"attempt?": whole, "reason?": text, "result?": parts.health}),
}
_FAR = record({"progress": text, "done": whole, "total": whole})
_STEP = record({"step": text, "status": text, "seconds?": number})
_any_event = record({"env?": bulk, "beat?": whole})
_number = matching("[0-9]{1,10}")
# The words behind the first of a line, which names it; a name that ends with * may be missing.
_WORDS: Mapping[str, Mapping[str, Sequence[Reader]]] = {
    "survey": {
        "user": (text,),
        "shell": (text, text),
        "path": (text, text),
        "found": (text,),
        "tool*": (text, text),
        "project": (text, text, matching("[0-9]{0,15}")),
    },
    "authkeys show": {
        "uid": (_number,),
        "agent": (text,),
        "sum": (text,),
        "content": (base64,),
        "place*": (parts.mode, _number, text),
        "access*": (parts.access_kind, parts.mode, text, text),
    },
    "authkeys put": {"result": (text,)},
    "tool look": {"python*": (text, text, text), "have*": (text,)},
    "tool put": {"result": (text,)},
}


def last_line(said: str) -> dict[str, Any]:
    """Return the object that is the last line of what a program said; raise UnexpectedError."""
    return dict(record({})(decoded(said.rstrip("\n").rpartition("\n")[2])))


def answered(program: str, answer: object) -> dict[str, Any]:
    """Return the answer of this program; raise UnexpectedError for anything else."""
    return dict(_ANSWERS.get(program, record({}))(answer))


def resulted(program: str, said: str) -> dict[str, Any]:
    """Return what a job that runs this program left as its result; raise UnexpectedError."""
    result = record({})(decoded(said))
    return dict(result if is_refusal(result) else _RESULTS.get(program, record({}))(result))


def event_of(program: str, event: object) -> dict[str, Any]:
    """Return an event that this program tells; raise UnexpectedError."""
    return dict(_EVENTS[program](_any_event(event)))


def step_event(event: object) -> dict[str, Any]:
    """Return an event of a job's own program: a step, or how far it is; raise UnexpectedError."""
    told: dict[str, Any] = record({})(event)
    return dict((_FAR if "progress" in told else _STEP)(told))


def words_of(program: str, said: str) -> dict[str, list[list[str]]]:
    """Return the words that a bash program answers, by the first of a line; or UnexpectedError."""
    lines = [line.split("\t") for line in said.split("\n")]
    shapes = _WORDS[program].items()
    return {name.rstrip("*"): _lines(name, readers, lines) for name, readers in shapes}


def _lines(name: str, readers: Sequence[Reader], lines: list[list[str]]) -> list[list[str]]:
    plain = name.rstrip("*")
    found = [words for first, *words in lines if first == plain]
    if not found and plain == name:
        raise UnexpectedError("is missing", plain)
    return [_words(plain, readers, words) for words in found]


def _words(name: str, readers: Sequence[Reader], words: list[str]) -> list[str]:
    if len(words) < len(readers):
        raise UnexpectedError("is cut", name)
    try:
        return [reader(word) for reader, word in zip(readers, words, strict=False)]
    except UnexpectedError as error:
        raise error.within(name) from None
