import asyncio
import time

from bench.relay import relay
from sandbox.openssh import free_port

FAR = 0.1


async def talk(say):
    """Return what `say`, a coroutine over both streams, came to behind a relay, and its seconds."""

    async def echo(reader, writer):
        writer.write(b"welcome ")
        while data := await reader.read(100):
            writer.write(data.upper())
        writer.close()

    here = free_port()
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    there = server.sockets[0].getsockname()[1]
    relaying = asyncio.ensure_future(relay(FAR, {here: there}))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", here)
    try:
        return await say(reader, writer), time.monotonic() - began
    finally:
        writer.close()
        await asyncio.sleep(FAR)
        relaying.cancel()
        server.close()


async def both_speak_first(reader, writer):
    writer.write(b"one ")
    writer.write(b"two")
    return await reader.readexactly(15)


def test_nothing_is_lost_or_out_of_order_and_a_dial_and_an_answer_take_so_much_longer():
    said, seconds = asyncio.run(talk(both_speak_first))
    assert said == b"welcome ONE TWO"
    assert 2 * FAR <= seconds < 2 * FAR + 1


async def end(_, writer):
    writer.close()
    await asyncio.sleep(3 * FAR)
    return asyncio.all_tasks()


def test_an_end_is_passed_on():
    tasks, _ = asyncio.run(talk(end))
    assert not [task for task in tasks if "echo" in repr(task)]
