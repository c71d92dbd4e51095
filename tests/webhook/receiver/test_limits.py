"""How much of strangers a receiver bears. J… are numbers of the project's table of faults."""

import asyncio
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.receiver_site import (
    CHECKOUT,
    answer,
    any_revision,
    exchange,
    headers,
    payload,
    push,
    request,
)

DRIPPERS = Path(__file__).parents[2] / "support/slow_clients.py"
MB = 1 << 20
HEAD, BODY = push(any_revision()).split(b"\r\n\r\n", 1)
UNTRUE = {"secret": b"x" * 40}


@contextmanager
def dripping(site, count, seconds=120):
    """Have so many clients drip at a receiver."""
    argv = [sys.executable, DRIPPERS, str(site.port), str(count), str(seconds)]
    with subprocess.Popen(argv, cwd=CHECKOUT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"all\n"
            yield
        finally:
            process.kill()


def times(site, count):
    """Return how long each of so many good deliveries took, one after the other; none is lost."""

    async def send():
        found = []
        for _ in range(count):
            data, began = push(any_revision()), time.perf_counter()
            assert await exchange(site.port, data) == (202, b"accepted\n")
            found.append(time.perf_counter() - began)
        return sorted(found)

    return asyncio.run(send())


def p99(found):
    return found[int(len(found) * 0.99)]


def test_j17_who_drips_shuts_nobody_out(site):
    site.start()
    quiet = times(site, 200)
    with dripping(site, 200):
        loud = times(site, 200)
    assert p99(loud) < max(2 * p99(quiet), 0.5)  # others work here, too


@pytest.mark.soak
def test_j17_a_thousand_who_drip_do_not_double_the_time_of_a_good_request(site):
    site.start()
    quiet = times(site, 2_000)
    with dripping(site, 1_000):
        loud = times(site, 2_000)
    assert p99(loud) < max(2 * p99(quiet), 0.02)
    assert site.memory()[1] < 80


def lived(site, data, *, drip=b"", every=0.5):
    """Return for how many seconds a connection lived that sent this, and then a byte at a time."""
    with socket.create_connection(("127.0.0.1", site.port)) as client:
        began = time.monotonic()
        client.sendall(data)
        client.settimeout(every)
        while time.monotonic() < began + 20:
            try:
                if not client.recv(1000):
                    break
            except TimeoutError:
                if drip:
                    client.send(drip)
            except OSError:
                break
        return time.monotonic() - began


DRIPPED = {"nothing": (b"", b""), "a head": (HEAD, b"a"), "blank lines": (b"\r\n", b"\r\n")}


@pytest.mark.slow
def test_j17_a_head_has_five_seconds_however_it_drips(standing):
    async def all_of_them():
        jobs = [
            asyncio.to_thread(lived, standing, data, drip=drip) for data, drip in DRIPPED.values()
        ]
        return await asyncio.gather(*jobs)

    found = dict(zip(DRIPPED, asyncio.run(all_of_them()), strict=True))
    assert all(4.5 < seconds < 7 for seconds in found.values()), found


@pytest.mark.soak
def test_j17_a_body_has_ten_seconds_however_it_drips(standing):
    assert 9.5 < lived(standing, HEAD + b"\r\n\r\n" + BODY[:1], drip=b"a") < 12


def test_j17_no_more_than_64_connections_are_held(standing):
    async def talk():
        clients = [await asyncio.open_connection("127.0.0.1", standing.port) for _ in range(100)]
        for _, writer in clients:
            writer.write(b"P")
        await asyncio.sleep(0.3)
        ended = [reader.at_eof() or reader.exception() is not None for reader, _ in clients]
        for _, writer in clients:
            writer.close()
        return ended

    ended = asyncio.run(talk())
    assert ended == [True] * 36 + [False] * 64  # those who came first had waited the longest


def test_j16_200_mb_are_refused_before_they_are_read(site):
    site.start()
    body = payload(any_revision())
    head = request(b"", headers(body, Content_Length=str(200 * MB)))

    async def send():
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(head)
        found = asyncio.create_task(answer(reader))
        sent = 0
        try:
            while sent < 200 * MB:
                writer.write(bytes(MB))
                await writer.drain()
                sent += MB
        except OSError:
            pass
        return await found, sent

    found, sent = asyncio.run(send())
    assert found == (413, b"too large\n")
    assert sent < 20 * MB
    assert site.memory()[1] < 80


async def _large(site, size, head):
    """Send a body of zeros; return the status code."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(head)
    found = asyncio.create_task(answer(reader))
    try:
        for _ in range(size // MB):
            writer.write(bytes(MB))
            await writer.drain()
    except OSError:
        pass
    try:
        return (await asyncio.wait_for(found, 30))[0]
    except (OSError, asyncio.IncompleteReadError):
        return 0
    finally:
        writer.close()


def test_j16_many_large_bodies_at_once_cost_no_more_than_the_budget(site):
    site.start()
    size = 25 * MB
    body = payload(any_revision())
    head = request(b"", headers(body, **UNTRUE, Content_Length=str(size)))

    async def send():
        large = [asyncio.create_task(_large(site, size, head)) for _ in range(12)]
        await asyncio.sleep(0.1)
        good = [await exchange(site.port, push(any_revision())) for _ in range(20)]
        return await asyncio.gather(*large), good

    codes, good = asyncio.run(send())
    assert set(codes) <= {401, 503, 0}
    assert good == [(202, b"accepted\n")] * 20
    assert site.memory()[1] < 160


def test_a_large_signed_push_is_taken(site):
    site.start()
    body = payload(any_revision(), commits=["x" * 1000] * 20_000)
    assert len(body) > 20 * MB * 0.95
    assert site.ask(request(body, headers(body))) == (202, b"accepted\n")


def test_j5_after_many_bad_signatures_no_large_body_is_read(site):
    site.start()
    body = payload(any_revision())
    bad = request(body, headers(body, **UNTRUE))

    async def flood():
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        for _ in range(605):
            writer.write(bad)
            assert (await answer(reader))[0] == 401
        writer.close()

    asyncio.run(flood())
    large = headers(body, Content_Length=str(2 * MB))
    assert site.ask(request(b"", large)) == (429, b"too many\n")
    assert site.ask(push(any_revision()))[0] == 202
