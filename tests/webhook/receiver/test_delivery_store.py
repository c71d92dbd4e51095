import sqlite3
import threading
import uuid
from contextlib import closing
from hashlib import sha256

import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.webhook.receiver.delivery_store import (
    KEPT_DELIVERIES,
    KEPT_SECONDS,
    Arrival,
    DeliveryStore,
)

NOW = 1_000_000_000.0


def arrival(id_="", *, after="a" * 40, at=NOW, state="waiting", body=None):
    name = id_ or str(uuid.uuid4())
    digest = sha256((body or name).encode()).hexdigest()
    return Arrival(
        name, digest, "push", at, state, "", "refs/heads/main", after, "octocat", "Words"
    )


@pytest.fixture
def spool(tmp_path):
    with closing(DeliveryStore(tmp_path / "webhook.db")) as made:
        yield made


def test_a_delivery_is_new_once(spool):
    one = arrival("one-one", body="body")
    assert spool.record([one, one]) == ["new", "seen"]
    assert spool.record([one, arrival("other", body="body")]) == ["seen", "seen"]
    assert [row["id"] for row in spool.deliveries(10)] == ["one-one"]


def test_a_failed_one_waits_again_when_its_own_id_comes_again(spool):
    one = arrival("one-one", body="body")
    spool.record([one])
    spool.mark(
        {"one-one": {"state": "failed", "outcome": "bad", "run": "r", "tries": 3, "due": 9.0}}
    )
    assert spool.record([arrival("other", body="body")]) == ["seen"]
    assert spool.record([one]) == ["again"]
    (row,) = spool.unfinished()
    assert [row[name] for name in ("state", "run", "tries", "due")] == [
        "waiting",
        "",
        0,
        0,
    ]


def test_the_same_id_with_another_body_is_seen_whatever_became_of_the_first(spool):
    spool.record([arrival("one-one", body="a")])
    spool.mark({"one-one": {"state": "failed"}})
    assert spool.record([arrival("one-one", body="b")]) == ["seen"]


def test_a_batch_is_written_whole_or_not_at_all(spool):
    sqlite = sqlite3.connect(spool.path)
    sqlite.execute("create trigger t before insert on deliveries when new.id = 'bad' begin"
                   " select raise(abort, 'no'); end")  # fmt: skip
    sqlite.close()
    with pytest.raises(sqlite3.Error):
        spool.record([arrival("good"), arrival("bad")])
    assert spool.deliveries(10) == []
    assert spool.record([arrival("good")]) == ["new"]


def test_several_processes_may_write_at_once(tmp_path):
    path = tmp_path / "webhook.db"

    def write():
        with closing(DeliveryStore(path)) as mine:
            for _ in range(50):
                mine.record([arrival()])

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(DeliveryStore(path)) as spool:
        assert len(spool.deliveries(1_000)) == 200


def test_another_process_is_noticed_and_our_own_writing_is_not(spool):
    before = spool.changes()
    spool.record([arrival()])
    assert spool.changes() == before
    with closing(DeliveryStore(spool.path)) as other:
        other.record([arrival()])
    assert spool.changes() != before


def test_a_person_names_a_delivery_by_its_beginning(spool):
    spool.record([arrival("abcdef-1"), arrival("abcdef-2"), arrival("xyzxyz-1")])
    for id_ in ("abcdef-1", "xyzxyz-1"):
        spool.mark({id_: {"state": "failed"}})
    assert spool.redeliver("xyzxyz")["state"] == "waiting"
    assert spool.redeliver("abcdef-1")["id"] == "abcdef-1"
    for named in ("abcdef", "xyz", "", "%", "_" * 6, "nobody"):
        with pytest.raises(UsageError):
            spool.redeliver(named)


@pytest.mark.parametrize("state", ["waiting", "running", "ignored"])
def test_what_waits_runs_or_leads_to_nothing_is_not_taken_up_again(spool, state):
    spool.record([arrival("abcdef-1", state=state)])
    with pytest.raises(UsageError):
        spool.redeliver("abcdef-1")


def test_the_facts_tell_what_a_status_needs(spool):
    rows = {
        "done": "d",
        "failed": "f",
        "waiting": "w",
        "running": "r",
        "folded": "o",
        "ignored": "i",
    }
    spool.record([arrival(id_ * 6, state=state) for state, id_ in rows.items()])
    spool.count({"401": 2}, NOW)
    spool.count({"401": 1, "404": 1}, NOW)
    facts = spool.facts()
    assert facts["states"] == dict.fromkeys(rows, 1)
    assert [row["id"] for row in facts["waiting"]] == ["w" * 6]
    assert [row["id"] for row in facts["failed"]] == ["f" * 6]
    found = {name: facts[name]["id"][0] for name in ("running", "last", "last_push", "last_done")}
    assert found == {"running": "r", "last": "i", "last_push": "o", "last_done": "d"}
    assert facts["refused"] == {"401": 3, "404": 1}
    spool.record([arrival("dddddd2", state="done")])
    assert spool.facts()["failed"] == []


def test_j6_what_is_young_or_among_the_newest_is_kept(spool, monkeypatch):
    assert (KEPT_DELIVERIES, KEPT_SECONDS) >= (100_000, 30 * 86_400)
    monkeypatch.setattr("mantodeus_ops.webhook.receiver.delivery_store.KEPT_DELIVERIES", 100)
    old, young = NOW - KEPT_SECONDS - 1, NOW - KEPT_SECONDS + 1
    spool.record([arrival(f"old-{number:03}", at=old) for number in range(150)])
    assert spool.sweep(NOW) == 50
    assert spool.sweep(NOW) == 0
    assert spool.record([arrival("old-050"), arrival("old-049")]) == ["seen", "new"]
    spool.record([arrival("old-050")] * 1_000)  # what is seen takes nobody's place
    spool.record([arrival(f"new-{number}", at=young) for number in range(5)])
    assert spool.sweep(NOW) == 6
    assert len(spool.deliveries(1_000)) == 100
    assert spool.record([arrival("new-0")]) == ["seen"]


def test_it_survives_being_opened_again(tmp_path):
    with closing(DeliveryStore(tmp_path / "webhook.db")) as spool:
        spool.record([arrival("abcdef-1")])
    with closing(DeliveryStore(tmp_path / "webhook.db")) as spool:
        assert [row["id"] for row in spool.unfinished()] == ["abcdef-1"]
        assert spool.record([arrival("abcdef-1")]) == ["seen"]


def test_a_name_that_is_odd_is_only_a_name(spool):
    id_ = "'; drop table deliveries; --"
    spool.record([arrival(id_)])
    spool.mark({id_: {"outcome": "' or 1 --", "state": "failed"}})
    assert spool.redeliver(id_)["id"] == id_
