"""What each program on a host answers: decoded and held to its shape, whatever a host may send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mantodeus_ops.remote.answers import parts
from mantodeus_ops.remote.answers.decode import (
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
from mantodeus_ops.remote.answers.refusals import is_refusal

_none_yet = {"missing?": flag}
_ANSWERS: Mapping[str, Reader] = {
    "app/facts": parts.look,
    "fleet/host_state": parts.standing,
    "backup/list_states": parts.states,
    "backup/restore_check": parts.restorable,
    "env/env_facts": parts.variables,
    "deploy/resolve_ref": parts.target,
    "transaction/record": record({"backups": many(parts.backup)}),
    "monitor/disk_cleanup": parts.room,
    "deploy/record_stage": record({"entry": record({"digest": text})}),
    "app/clear_git_locks": record({"freed": number}),
    "deploy/save_patch": record({"file": text}),
    "backup/locate": record({"manifest": record({}), "file": text}),
    "backup/begin_upload": record({"there": flag, "have": whole, "file": text}),
    "webhook/inspect_receiver": parts.receiver,
    "webhook/start_receiver": record({"pid": whole}),
    "webhook/ping": record({"status?": whole, **each(text, "body? error? kind? location?")}),
    "transaction/lock_command take": parts.taken,
    "transaction/lock_command again": parts.taken,
    "transaction/lock_command freeze": parts.taken,
    "transaction/lock_command read": parts.lock,
    "transaction/lock_command release": record({"done": flag}),
    "transaction/lock_command unlock": record({"done": flag}),
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
    "backup/create": record({f"{key.rstrip('?')}?": one for key, one in parts.BACKUP.items()}),
    "transaction/activate": _committed,
    "transaction/recover": _committed,
    "backup/verify": record({"results": many(_proof)}),
    "backup/offsite": record(each(text, "snapshot?")),
    "backup/import_archive": record({"name": text, **each(many(text), "paths absent")}),
}
_number = matching("[0-9]{1,10}")
# The words behind the first of a line, which names it; a name that ends with * may be missing.
_WORDS: Mapping[str, Mapping[str, Sequence[Reader]]] = {
    "ssh/host_requirements": {
        "user": (text,),
        "shell": (text, text),
        "path": (text, text),
        "found": (text,),
        "tool*": (text, text),
        "project": (text, text, matching("[0-9]{0,15}")),
    },
    "ssh/authorized_keys show": {
        "uid": (_number,),
        "agent": (text,),
        "sum": (text,),
        "content": (base64,),
        "place*": (parts.mode, _number, text),
        "access*": (parts.access_kind, parts.mode, text, text),
    },
    "ssh/authorized_keys put": {"result": (text,)},
    "webhook/find_python look": {"python*": (text, text, text), "have*": (text,)},
    "webhook/find_python put": {"result": (text,)},
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
