"""What each program on a host answers: decoded and held to its shape, whatever a host may send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import answer_parts as parts
from .decode import (
    Reader,
    UnexpectedError,
    base64,
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
    "lockstep unlock": record({"done": flag}),
    "asked facts": record({"facts?": parts.books, **_none_yet}),
    "asked deliveries": record({"deliveries?": many(parts.delivery), **_none_yet}),
    "asked redeliver": parts.redelivered,
}
_proof = record(
    each(text, "name reason") | {"ok": flag, **each(whole, "entries? bytes?"), "seconds?": number}
)
_committed = record(
    {
        **each(text, "status? task? revision? previous_revision? error? rollback_error? dossier?"),
        **each(many(text), "errors? rollback_errors?"),
        "seconds?": number,
        "first?": flag,
        "steps?": parts.steps,
        "written?": record({**parts.written, "place": text}),
    }
)
_RESULTS: Mapping[str, Reader] = {
    "backup": record({f"{key.rstrip('?')}?": one for key, one in parts.BACKUP.items()}),
    "commit": _committed,
    "recover": _committed,
    "verify": record({"results": many(_proof)}),
    "offsite": record(each(text, "snapshot?")),
    "receive": record({"name": text, **each(many(text), "paths absent")}),
}
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
