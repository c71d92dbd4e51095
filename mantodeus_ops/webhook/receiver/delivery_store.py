"""Stores deliveries and their outcomes in one SQLite file.

Each delivery that was answered 202 is in it, written and synced. Several processes may open the
file. A request without a valid signature is only counted.

A delivery is waiting, running, and then done or failed. Or it is folded into a newer one, stale
(the branch is at another revision), rejected (its revision was rolled back), or ignored.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import TypeVar

from mantodeus_ops.errors import UsageError
from mantodeus_ops.remote.answers.refusals import host_error
from mantodeus_ops.webhook.scheduling import Delivery

T = TypeVar("T")

KEPT_SECONDS = 30 * 86_400
KEPT_DELIVERIES = 100_000
_BUSY_SECONDS = 5.0
_SWEPT_AT_ONCE = 5_000
_LEAST_OF_AN_ID = 6  # characters of an abbreviated id

_TABLES = """
create table if not exists deliveries (
  n integer primary key autoincrement, id text not null unique, digest text not null unique,
  event text not null, at real not null, ref text not null, after text not null,
  pusher text not null, subject text not null, state text not null, outcome text not null,
  run text not null default '', seconds real, tries integer not null default 0,
  due real not null default 0
);
create index if not exists waiting on deliveries (state) where state in ('waiting', 'running');
create table if not exists counts (what text primary key, count integer not null, at real not null);
"""
_INSERT = (
    "insert or ignore into deliveries (id, digest, event, at, state, outcome, ref, after, pusher,"
    " subject) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A received signed delivery; `state` is waiting if it triggers a deploy."""

    id: str
    digest: str  # sha256 of the body, in hexadecimal
    event: str
    at: float  # seconds since 1970
    state: str
    outcome: str = ""
    ref: str = ""
    after: str = ""
    pusher: str = ""
    subject: str = ""


class StoredDelivery(Delivery):
    """All columns of a delivery."""

    digest: str
    event: str
    ref: str
    subject: str
    outcome: str
    seconds: float | None


class DeliveryStore:
    """The deliveries of one app. Methods raise sqlite3.Error when a write fails."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # Created before SQLite opens it, so that SQLite gives its other files the same mode.
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        self._db = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def record(self, arrivals: Sequence[Arrival]) -> list[str]:
        """Store the arrivals in one transaction; return new, again or seen for each.

        `again` is a failed delivery that GitHub sent again at a person's request. The same body
        under another id is a replay, because the id is not signed.
        """
        with self._change():
            return [self._record(arrival) for arrival in arrivals]

    def _record(self, arrival: Arrival) -> str:
        if self._db.execute(_INSERT, astuple(arrival)).rowcount:
            return "new"
        failed = self._one(
            "select * from deliveries where id = ? and digest = ? and state = 'failed'",
            (arrival.id, arrival.digest),
        )
        if failed is None:
            return "seen"
        self._wait_again(failed["n"])
        return "again"

    def unfinished(self) -> list[Delivery]:
        """Return the waiting and running deliveries, oldest first."""
        return self._rows(
            Delivery,
            "select n, id, at, after, pusher, state, run, tries, due from deliveries"
            " where state in ('waiting', 'running') order by n",
            (),
        )

    def mark(self, marks: Mapping[str, Mapping[str, object]]) -> None:
        """Set these fields of each delivery, by its id."""
        with self._change():
            for delivery_id, fields in marks.items():
                names = ", ".join(f"{name} = ?" for name in fields)
                self._db.execute(
                    f"update deliveries set {names} where id = ?",  # noqa: S608 - names of ours
                    (*fields.values(), delivery_id),
                )

    def deliveries(self, limit: int) -> list[StoredDelivery]:
        """Return the newest deliveries, newest first."""
        return self._all("select * from deliveries order by n desc limit ?", (max(0, limit),))

    def redeliver(self, delivery_id: str) -> StoredDelivery:
        """Set a delivery to waiting again and return it; raise UsageError.

        The id may be abbreviated. The receiver sees the change within a second.
        """
        with self._change():
            delivery = self._named(delivery_id)
            if delivery["state"] in {"waiting", "running"}:
                raise _refusal("delivery-not-settled", delivery)
            if not delivery["after"] or delivery["state"] == "ignored":
                raise _refusal("delivery-without-deploy", delivery)
            self._wait_again(delivery["n"])
            return self._named(delivery["id"])

    def _named(self, delivery_id: str) -> StoredDelivery:
        exact = self._all("select * from deliveries where id = ?", (delivery_id,))
        begun = self._all(
            "select * from deliveries where substr(id, 1, ?) = ? limit 2",
            (len(delivery_id), delivery_id),
        )
        matches = exact or (begun if len(delivery_id) >= _LEAST_OF_AN_ID else [])
        if len(matches) != 1:
            raise _refusal("delivery-ambiguous" if matches else "delivery-not-known", {})
        return matches[0]

    def _wait_again(self, number: int) -> None:
        self._db.execute(
            "update deliveries set state = 'waiting', outcome = '', run = '', seconds = null,"
            " tries = 0, due = 0 where n = ?",
            (number,),
        )

    def count(self, counts: Mapping[str, int], at: float) -> None:
        """Add to the counts of refused requests, by status code or another word."""
        with self._change():
            for kind, more in counts.items():
                self._db.execute(
                    "insert into counts values (?, ?, ?) on conflict (what)"
                    " do update set count = count + excluded.count, at = excluded.at",
                    (kind, more, at),
                )

    def facts(self) -> dict[str, object]:
        """Return the number of deliveries in each state, the latest ones, and the refused requests.

        `failed` are those since the last success, `refused` the counts by status code.
        """
        pushes = "select * from deliveries where after != '' and state != 'ignored'"
        since = self._first("select coalesce(max(n), 0) from deliveries where state = 'done'")
        return {
            "states": self._counts("select state, count(*) from deliveries group by state"),
            "waiting": self._all(f"{pushes} and state = 'waiting' order by n", ()),
            "running": self._one(f"{pushes} and state = 'running'", ()),
            "failed": self._all(f"{pushes} and state = 'failed' and n > ? order by n", (since,)),
            "last": self._one("select * from deliveries order by n desc limit 1", ()),
            "last_push": self._one(f"{pushes} order by n desc limit 1", ()),
            "last_done": self._one(f"{pushes} and state = 'done' order by n desc limit 1", ()),
            "refused": self._counts("select what, count from counts"),
        }

    def sweep(self, now: float) -> int:
        """Delete a batch of old deliveries, except the newest; return how many were deleted.

        A deleted delivery could be replayed, but a replay can only deploy the tip of the branch.
        """
        with self._change():
            done = self._db.execute(
                "delete from deliveries where n in (select n from deliveries where at < ?"
                " and n <= (select n from deliveries order by n desc limit 1 offset ?)"
                " order by n limit ?)",
                (now - KEPT_SECONDS, KEPT_DELIVERIES, _SWEPT_AT_ONCE),
            )
            return done.rowcount

    def changes(self) -> int:
        """Return a number that changes when another process writes."""
        return self._first("pragma data_version")

    @contextmanager
    def _change(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:  # SQLite has rolled back already when the disk is full
                self._db.execute("rollback")
            raise

    def _one(self, text: str, values: Iterable[object]) -> StoredDelivery | None:
        return next(iter(self._all(text, values)), None)

    def _all(self, text: str, values: Iterable[object]) -> list[StoredDelivery]:
        return self._rows(StoredDelivery, text, values)

    def _rows(self, kind: Callable[..., T], text: str, values: Iterable[object]) -> list[T]:
        with closing(self._db.execute(text, tuple(values))) as rows:
            return [kind(**dict(row)) for row in rows]

    def _counts(self, text: str) -> dict[str, int]:
        return dict(self._db.execute(text))

    def _first(self, text: str) -> int:
        return int(self._db.execute(text).fetchone()[0])


def _refusal(code: str, delivery: Mapping[str, object]) -> UsageError:
    facts = {name: str(delivery.get(name, "")) for name in ("id", "state", "outcome")}
    refused = host_error({"code": code, "facts": facts}, {})
    error = UsageError(refused.message, refused.hint, code=code)
    error.details = dict(facts)
    return error
