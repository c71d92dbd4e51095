"""The parts that answers of a host are made of, as far as they are read here: a reader each.

A key that is only shown, or handed back to the host, is bounded like all others and needs no line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mantodeus_ops.remote.answers.decode import (
    Reader,
    anything,
    base64,
    bulk,
    each,
    fitting,
    flag,
    many,
    matching,
    maybe,
    number,
    record,
    small,
    table,
    text,
    whole,
)

mode = matching("[0-7]{1,6}")
names = many(text)
steps = fitting(record(each(text, "name status") | {"seconds": number}))
disk = record(each(number, "free total inodes_free"))
reached = record(each(number, "status seconds") | {"error?": text})
remote = record({"error?": text, "head?": text, "behind?": maybe(whole), "same?": flag})
live = record(each(text, "revision? modules?"))
lock = record(
    {
        **each(text, "verdict kind? who? from? task? ref? reason? token?"),
        "jobs": names,
        "since?": number,
        "beat?": maybe(number),
    }
)
worker = record({"status": text, **each(number, "up_since since age restarts memory cpu pid")})
health = record(
    {
        **each(flag, "healthy daemon?"),
        **each(text, "reason? body?"),
        **each(number, "status? seconds?"),
        "errors?": names,
    }
)
# A line of the history is only shown; one of an older version may lack what is written today.
change = record(
    each(text, "task? status? revision? previous_revision? backup? who? from? ref? error? reason?")
    | each(number, "at? seconds?")
)
BACKUP: Mapping[str, Reader] = {
    **each(text, "name verdict content revision sha256? branch? reason? abi? same_as? state?"),
    **each(number, "sequence at seconds? since?"),
    **each(whole, "bytes entries? plain_bytes?"),
    **each(names, "paths absent skipped? shut? reused?"),
}
backup = record(BACKUP)
_state = record(
    {
        **each(maybe(text), "head? branch?"),
        **each(text, "content? verdict?"),
        "state?": maybe(text),
        "sequence?": maybe(number),
        "live?": maybe(live),
        **each(names, "swaps had"),
    }
)
kept = record({"run": text, "state": _state, "names": names})
access_kind = matching("pm2|socket|env|ssh|folder|ours")
_access = record({"what": access_kind, "path": text, "mode": mode, "alone": flag})
_page = record(each(text, "url error") | each(number, "status seconds"))
_check = record(
    {
        "errors": names,
        "page": _page,
        "critical": many(_page),
        "reboot": record(each(flag, "known present")),
        "backups_present": flag,
        "access?": many(_access),
    }
)
_place = record(each(text, "name link") | each(flag, "broken elsewhere"))
written = {"count": whole, "files": names}


def _cut_off(value: object) -> dict[str, Any]:
    """Return what is known of a run that was cut off; its journal may be damaged."""
    return {"task": "run", "who": "an unknown account", "step": "an unknown step", **_run(value)}


_run = record(each(text, "task? who? step?"))
look = record(
    {
        **each(text, "user abi found"),
        "now": number,
        "tools": table(flag),
        "project": record(each(flag, "present writable backups_writable")),
        "outputs": many(record({"name": text, "present": flag})),
        "modules": flag,
        "env": record(
            {"present": flag, "mode?": mode, **each(text, "digest? error?"), "text?": small}
        ),
        "disk": disk,
        "git": record({"present": flag, **each(text, "error? head? branch?"), "dirty?": names}),
        "pm2": record({**each(flag, "daemon available?"), "workers": many(worker), "error?": text}),
        "health": maybe(health),
        "remote": maybe(remote),
        "crashes": record({"count": whole, "last": maybe(record({"how": text}))}),
        "check": maybe(_check),
        "live": maybe(live),
        "lock": lock,
        "open_run": maybe(_cut_off),
        "history": fitting(change),
        "backups": many(backup),
        "previous": fitting(kept),
        "jobs": many(record({"id": text, "alive": flag})),
        "rejected": table(anything),
        "places?": many(_place),
        "written?": many(record({"name": text, **written})),
    }
)
standing = record(
    {
        "live": text,
        "last": maybe(record(each(text, "task? status?"))),
        "cut_off": flag,
        "remote": maybe(remote),
    }
)
states = record(
    {
        "backups": many(record({**BACKUP, **each(names, "differs same"), "subject?": text})),
        "content": text,
        "state": text,
        "now": number,
        "partial": names,
    }
)
restorable = record(
    {
        "sources": table(text),
        "archive": text,
        "refusal?": maybe(record({})),
        "live": maybe(live),
        **each(flag, "made_here revision_known"),
        "env": maybe(small),
        **each(whole, "bytes entries"),
        **each(number, "free inodes"),
    }
)
_database = record(each(text, "name reach login? why?") | {"port?": number})
variables = record(
    {
        "file": record(
            {
                **each(text, "file link digest"),
                **each(flag, "present regular? mine? tracked? ignored?"),
                "bytes": base64,
                "mode?": mode,
            }
        ),
        "example": maybe(bulk),
        "process": record(
            {**each(flag, "running fresh"), "started": maybe(table(text)), "pm2": table(text)}
        ),
        "probes": maybe(record({"databases": many(_database), "served": flag})),
    }
)
_install = record(
    {
        **each(text, "read settings whole"),
        **each(flag, "own_scripts dependency_scripts"),
        "managers": table(text),
        "direct": many(record(each(text, "member name spec locked"))),
    }
)
target = record(
    {
        **each(text, "kind name revision head subject"),
        "install": _install,
        **each(names, "commits in_the_way ecosystems"),
        **each(flag, "rewritten yarn_berry named_ecosystem env_tracked"),
        **each(bulk, "package_json env_example"),
        "bytes": table(whole),
        "lockfiles": table(text),
        "tree_bytes": whole,
    }
)
room = record(
    {
        "items": many(
            record({"kind": matching("log|file|tree|cache"), "what": text, "bytes": whole})
        ),
        "backups": many(backup),
        "disk": disk,
    }
)
receiver = record(
    {
        "config": maybe(record({"alive": flag, **each(text, "root? python?")})),
        "inventory": text,
        "installed": maybe(record({"digest?": text})),
        "listener": record({"stranger?": text, "ours?": flag}),
        "health": reached,
        "pm2": maybe(worker),
        "keeper": record({"alive": flag}),
        "cron": flag,
    }
)
delivery = record(
    each(text, "id event after pusher state outcome") | {"at": number, "seconds": maybe(number)}
)
books = record(
    {
        **each(table(whole), "states refused"),
        **each(many(delivery), "waiting failed recent"),
        **each(maybe(delivery), "running last last_push"),
    }
)
_HELD = {
    "before": maybe(lock),
    "reason?": text,
    "closed?": many(record({"path": text, "mode": mode})),
}


def taken(value: object) -> dict[str, Any]:
    """Return what came of taking the lock: what its last holder left, or who holds it."""
    answer: dict[str, Any] = record({"held": flag})(value)
    return dict(record(_HELD if answer["held"] else {"holder": lock})(answer))


def redelivered(value: object) -> dict[str, Any]:
    """Return the delivery that waits again, or that there never was any."""
    answer: dict[str, Any] = record({"missing?": flag})(value)
    return dict(record({} if "missing" in answer else {"delivery": delivery})(answer))
