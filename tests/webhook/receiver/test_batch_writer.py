"""Deliveries that wait at once are written in one transaction, and each gets its own answer."""

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from mantodeus_ops.webhook.receiver.batch_writer import BatchWriter
from mantodeus_ops.webhook.receiver.delivery_store import DeliveryStore
from tests.webhook.receiver.test_delivery_store import arrival


def written(store, arrivals):
    """Put these deliveries at once; return the answers, or the errors."""

    async def put():
        with ThreadPoolExecutor(1) as thread:
            writer = BatchWriter(store, thread)
            puts = (writer.put(one) for one in arrivals)
            return await asyncio.gather(*puts, return_exceptions=True)

    return asyncio.run(put())


@pytest.fixture
def store(tmp_path):
    with closing(DeliveryStore(tmp_path / "webhook.db")) as made:
        yield made


def test_each_gets_its_own_answer(store):
    one = arrival("one", body="body")
    answers = written(store, [one, arrival("two"), arrival("other", body="body")])
    assert answers == ["new", "new", "seen"]
    assert {row["id"] for row in store.deliveries(10)} == {"one", "two"}


def test_those_that_wait_while_one_is_written_share_a_transaction(store, mocker):
    record = mocker.spy(store, "record")
    assert set(written(store, [arrival(f"id-{number}") for number in range(50)])) == {"new"}
    assert [len(call.args[0]) for call in record.call_args_list] == [50]


def test_an_error_is_that_of_all_in_the_batch_and_the_next_is_written(store):
    closed = store.path.with_name("closed.db")
    other = DeliveryStore(closed)
    other.close()
    errors = written(other, [arrival("one"), arrival("two")])
    assert [isinstance(error, sqlite3.Error) for error in errors] == [True, True]
    assert written(store, [arrival("one")]) == ["new"]


def test_a_client_that_goes_away_takes_no_other_answer_along(store):
    held = threading.Event()

    async def put():
        with ThreadPoolExecutor(1) as thread:
            thread.submit(held.wait, 10)
            writer = BatchWriter(store, thread)
            gone = asyncio.create_task(writer.put(arrival("gone")))
            stays = asyncio.create_task(writer.put(arrival("stays")))
            await asyncio.sleep(0)
            gone.cancel()
            held.set()
            return await stays

    assert asyncio.run(put()) == "new"
    assert {row["id"] for row in store.deliveries(10)} == {"gone", "stays"}
