"""Clients that never end a request: `drippers.py PORT COUNT SECONDS`; says when all have begun."""

import asyncio
import sys

PAUSE = 0.5  # seconds between two bytes, and before a client that was thrown out comes back
HEAD = b"POST /webhook HTTP/1.1\r\nHost: a\r\nX-Slow: "


async def drip(port, begun):
    """Send the beginning of a request and then a byte now and then, again and again."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HEAD)
            begun.add(asyncio.current_task())
            while not writer.is_closing():
                await asyncio.sleep(PAUSE)
                writer.write(b"a")
                await writer.drain()
        except OSError:
            await asyncio.sleep(PAUSE)


async def main(port, count, seconds):
    """Keep so many clients dripping for so long."""
    begun = set()
    tasks = [asyncio.create_task(drip(port, begun)) for _ in range(count)]
    while len(begun) < count:  # noqa: ASYNC110 - a test's patience
        await asyncio.sleep(0.05)
    sys.stdout.write("all\n")
    sys.stdout.flush()
    await asyncio.sleep(seconds)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
