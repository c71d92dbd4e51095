"""Requests that nobody would send: none leads to a deploy, to a 5xx, or to a traceback."""

import asyncio
import json
import random
import re

import pytest

from mantodeus_ops.webhook.github_events import signature_of
from tests.support.receiver_site import SECRET, any_revision, headers, payload, request

AT_ONCE = 24
WORDS = (
    *(b"\r\n", b"\n", b"\r", b"\0", b":", b" ", b"\t", b"\r\n\r\n", b"\r\n ", b"\xff\xfe", b"\xe2"),
    *(b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2", b"sha256=", b"sha1=", b"%00", b"../", b"*", b"\\u0000"),
    *(b"/webhook", b"/health", b"http://a/webhook", b"GET", b"HEAD", b"PUT", b"CONNECT", b"POST"),
    *(b"NaN", b"null", b"true", b'"', b"{}", b"\\ud800", b"$(id)", b"';--", b"0" * 64),
    *(b"A" * 20_000, b"[" * 5_000, b"1" * 5_000),
    b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity, chunked\r\n",
    b"Connection: close\r\n",
    b"Connection: upgrade\r\n",
    b"Upgrade: websocket\r\n",
    b"Expect: 100-continue\r\n",
    b"X-GitHub-Event: ping\r\n",
)
LENGTH = re.compile(rb"(?i)content-length:[ \t]*(\d+)")
ODD = (
    None,
    True,
    0,
    -1,
    1e99,
    "",
    "x" * 500,
    [],
    {},
    [[]],
    "\ud800",
    "\0",
    "0" * 40,
    "refs/heads/main",
)


def mangled(chance, data):
    """Return the bytes after a few changes that a broken or hostile client could make."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        kind = chance.randrange(6)
        if kind == 0:
            data = data[:at] + chance.choice(WORDS) + data[at:]
        elif kind == 1:
            data = data[:at] + data[at + chance.randint(1, 30) :]
        elif kind == 2:
            data = data[:at] + chance.randbytes(chance.randint(1, 8)) + data[at + 1 :]
        elif kind == 3:
            data = data[:at]
        elif kind == 4:
            lines = data.split(b"\r\n")
            lines.insert(chance.randrange(len(lines)), chance.choice(lines))
            data = b"\r\n".join(lines)
        else:
            lines = data.split(b"\r\n")
            chance.shuffle(lines)
            data = b"\r\n".join(lines)
    return data


def odd_body(chance):
    """Return a body that somebody who has the secret could sign, and GitHub would not send."""
    told = json.loads(payload(any_revision()))
    for _ in range(chance.randint(1, 3)):
        place = chance.choice((told, told["repository"], told["pusher"], told["head_commit"]))
        if isinstance(place, dict) and place:
            place[chance.choice(list(place))] = chance.choice(ODD)
        if not all(
            isinstance(told[name], dict) for name in ("repository", "pusher", "head_commit")
        ):
            break
    body = json.dumps(told).encode()
    return mangled(chance, body) if chance.random() < 0.5 else body


def fuzzed(chance):
    """Return a request: odd on the wire, odd inside a good signature, or not a request at all."""
    kind = chance.random()
    if kind < 0.05:
        return chance.randbytes(chance.randint(0, 300))
    if kind < 0.35:
        body = odd_body(chance)
        return request(body, headers(body, event=chance.choice(("push", "push", "ping", "issues"))))
    body = payload(any_revision())
    return mangled(chance, request(body, headers(body)))


def is_signed(data):
    """Return whether these bytes hold a body that is signed, by any length that they announce."""
    # Blank lines before a request are passed over, as RFC 9112 asks.
    head, _, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    sizes = {len(body), *(int(size) for size in LENGTH.findall(head) if len(size) < 9)}
    return any(signature_of(SECRET, body[:size]) in head for size in sizes)


async def said(port, data):
    """Send bytes and no more; return the status code of the answer, 0 when there is none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 30)
    except OSError:
        return 0
    finally:
        writer.close()
    codes = re.findall(rb"HTTP/1\.1 (\d\d\d)", answer)
    return int(codes[-1]) if codes else 0


async def fuzz(site, chance, count):
    """Send so many; return how often each code came."""
    codes = {}

    async def client(numbers):
        for _ in numbers:
            data = fuzzed(chance)
            code = await said(site.port, data)
            codes[code] = codes.get(code, 0) + 1
            assert code in {0, 100} or code < 500, data
            if code in {200, 202} and b"/health" not in data:
                assert is_signed(data), data

    numbers = iter(range(count))
    await asyncio.gather(*(client(numbers) for _ in range(AT_ONCE)))
    return codes


def run(site, count):
    """Fuzz a receiver, and hold what must be so afterwards."""
    site.tip(site.commits(1)[0])
    site.start()
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201
    chance = random.Random(seed)  # noqa: S311 - it can be done again
    warm = asyncio.run(fuzz(site, chance, count // 4))
    before = site.memory()[0]
    codes = asyncio.run(fuzz(site, chance, count - count // 4))
    told = f"seed {seed}, {warm}, {codes}"
    assert {400, 401, 202, 200} <= codes.keys(), told
    assert site.memory()[0] < before + 8, told
    assert site.memory()[1] < 80, told
    assert site.deployed("begin") == [], told
    assert (site.folder / "said").read_text() == "", told
    assert site.process.poll() is None, told
    print(told)  # noqa: T201 - what was covered


@pytest.mark.slow
def test_twenty_thousand_requests_that_nobody_would_send(site):
    run(site, 20_000)


@pytest.mark.soak
def test_a_million_requests_that_nobody_would_send(site):
    run(site, 1_000_000)
