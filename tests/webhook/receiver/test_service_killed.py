"""A receiver that is killed at any moment: what was accepted is deployed, and only once."""

import asyncio
import random
import threading
import time

import pytest

from tests.support.receiver_site import any_revision, exchange, headers, payload, push, request

ENDS_WITHIN = 2.5  # seconds; it takes half of that where nobody else works, and PM2 waits for 3


def sent(site, data):
    """Send a delivery beside everything else; return the thread, and where its answer will be."""
    answers = []

    def send():
        try:
            answers.append(asyncio.run(exchange(site.port, data))[0])
        except OSError:
            answers.append(0)

    thread = threading.Thread(target=send)
    thread.start()
    return thread, answers


def killed_around(site, chance, revision, *, late):
    """Push a revision, kill the receiver around that, start another; hold what must be so.

    Killed late, it leaves a deploy that still goes on when the next one looks.
    """
    (site.folder / "deploys.seconds").write_text("1.2" if late else "0.05")
    site.tip(revision)
    body = payload(revision)
    head = headers(body)
    thread, answers = sent(site, request(body, head))
    soon = chance.choice((0.0, 0.01, 0.03, 0.2))
    time.sleep(chance.uniform(0.1, 0.4) if late else soon * chance.random())
    site.kill()
    thread.join()
    site.start()
    if chance.random() < 0.3:  # while it takes up what the one before left
        time.sleep(0.1 * chance.random())
        site.kill()
        site.start()
    site.settle()
    state = site.states().get(head["X-GitHub-Delivery"])
    assert state in ({"done"} if answers == [202] else {"done", None})
    assert site.deployed("begin").count(revision) == (state == "done")
    return answers == [202]


def run(site, rounds):
    """Kill a receiver so often."""
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - it can be done again
    chance = random.Random(seed)  # noqa: S311
    revisions = site.commits(rounds)
    site.start()
    accepted = sum(
        killed_around(site, chance, revision, late=number % 3 == 0)
        for number, revision in enumerate(revisions)
    )
    assert accepted
    assert site.deployed("begin") == site.deployed("end")


@pytest.mark.slow
def test_j20_killed_eight_times_around_accepting(site):
    run(site, 8)


@pytest.mark.soak
def test_j20_killed_two_hundred_times_around_accepting(site):
    run(site, 200)


def storm(site, count):
    """Send so many pushes, in any order, while the branch moves on twice; hold what must be so."""
    (site.folder / "deploys.seconds").write_text("1")
    revisions = site.commits(count)
    site.start()
    chance = random.SystemRandom()

    async def send(some):
        datas = [push(revision) for revision in chance.sample(some, len(some))]
        queue = iter(datas)

        async def client():
            for data in queue:
                assert await exchange(site.port, data, patience=30) == (202, b"accepted\n")

        await asyncio.gather(*(client() for _ in range(24)))

    for part in (revisions[: count // 2], revisions[count // 2 :]):
        site.tip(part[-1])
        asyncio.run(send(part))
    site.wait(lambda: site.deployed("end")[-1:] == [revisions[-1]], 60)
    time.sleep(1)  # a third would begin now
    assert len(site.deployed("begin")) <= 2
    states = list(site.states().values())
    assert len(states) == count
    # Those that came after the one of the tip wait a while for the remote to show them.
    assert set(states) <= {"done", "folded", "stale", "waiting"}
    assert site.memory()[1] < 80


def test_j22_j23_a_storm_of_pushes_leads_to_two_deploys_at_most(site):
    storm(site, 500)


@pytest.mark.soak
def test_j22_j23_a_storm_of_ten_thousand_pushes_leads_to_two_deploys_at_most(site):
    storm(site, 10_000)


def test_j28_one_that_is_told_to_end_leaves_its_deploy_alone_and_the_next_takes_it_up(site):
    (site.folder / "deploys.seconds").write_text("2.5")
    revision = site.commits(1)[0]
    site.tip(revision)
    site.start()
    assert site.ask(push(revision))[0] == 202
    site.wait(lambda: site.deployed("begin"))
    began = time.monotonic()
    assert site.kill(15) == 0
    assert time.monotonic() - began < ENDS_WITHIN
    assert site.deployed("end") == []
    site.start()
    site.settle()
    assert (site.deployed("begin"), site.deployed("end")) == ([revision], [revision])
    assert list(site.states().values()) == ["done"]


def test_what_is_in_flight_is_answered_when_it_is_told_to_end(site):
    site.start()

    async def talk():
        data = push(any_revision())
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(data[:-1])
        await asyncio.sleep(0.2)
        site.process.terminate()
        await asyncio.sleep(0.3)
        writer.write(data[-1:])
        return (await reader.readline()).split()[1]

    assert asyncio.run(talk()) == b"202"
    assert site.process.wait(2) == 0


def test_nobody_who_drips_holds_up_its_end(site):
    site.start()

    async def talk():
        clients = [await asyncio.open_connection("127.0.0.1", site.port) for _ in range(60)]
        for number, (_, writer) in enumerate(clients):
            data = push(any_revision())
            writer.write(data[: len(data) * number // 60])  # in their head, in their body
            await writer.drain()
        began = time.monotonic()
        code = await asyncio.to_thread(site.kill, 15)
        return code, time.monotonic() - began

    code, seconds = asyncio.run(talk())
    assert (code, seconds < ENDS_WITHIN) == (0, True), seconds
    assert (site.folder / "said").read_text() == ""


def test_j24_a_secret_is_replaced_under_load_without_one_refusal(site):
    site.start()
    old, new = b"an-old-secret-0123456789-abcdefghij", b"a-new-secret-0123456789-abcdefghij"
    for line, good in (
        (f"WEBHOOK_SECRET={old.decode()}", (old,)),
        (f"WEBHOOK_SECRET={new.decode()}\nWEBHOOK_SECRET_OLD={old.decode()}", (old, new)),
        (f"WEBHOOK_SECRET={new.decode()}", (new,)),
    ):
        site.write_env(line + "\n")
        for _ in range(10):
            assert [site.ask(push(any_revision(), secret=one))[0] for one in good] == [202] * len(
                good
            )
    assert site.ask(push(any_revision(), secret=old))[0] == 401
