"""What a receiver answers, asked over its port. J… are numbers of the project's table of faults."""

import asyncio
import json

import pytest

from mantodeus_ops.webhook.github_events import REFUSALS, signature_of
from tests.support.receiver_site import (
    SECRET,
    answer,
    any_revision,
    exchange,
    headers,
    payload,
    push,
    request,
)

BODY = payload("a" * 40)
SIGNED = headers(BODY)
GOOD = request(BODY, SIGNED)


def changed(method="POST", path="/webhook", body=BODY, **changes):
    return request(body, headers(body, **changes), method=method, path=path)


def twice(name, value=""):
    line = f"{name}: {value or SIGNED[name]}\r\n".encode()
    return GOOD.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n", 1)


FORM = b"payload=%7B%7D"
REFUSED = {
    "J3 only sha1": (401, changed(X_Hub_Signature_256=None)),
    "J4 two signatures": (401, twice("X-Hub-Signature-256")),
    "J4 a list of them": (401, changed(X_Hub_Signature_256="sha256=" + "a" * 64 + ",sha256=")),
    "J4 upper case": (401, changed(X_Hub_Signature_256=SIGNED["X-Hub-Signature-256"].upper())),
    "J2 no ASCII": (401, changed(X_Hub_Signature_256="sha256=\xe9\xff" + "a" * 62)),
    "J2 empty": (401, changed(X_Hub_Signature_256="")),
    "J1 another secret": (401, changed(secret=b"x" * 40)),
    "J1 another body": (401, GOOD.replace(b"octocat", b"0ctocat")),
    "J5 another path": (404, changed(path="/")),
    "J5 a path below": (404, changed(path="/webhook/")),
    "J5 a path that leads back": (404, changed(path="/x/../webhook")),
    "J5 an escaped path": (404, changed(path="/%77ebhook")),
    "J5 twice the slash": (404, changed(path="//webhook")),
    "J5 GET": (405, changed(method="GET")),
    "J5 PUT": (405, changed(method="PUT")),
    "J5 OPTIONS": (405, changed(method="OPTIONS")),
    "J5 a POST to health": (405, changed(path="/health")),
    "J5 no method": (400, b"!\r\n\r\n"),
    "J5 no HTTP": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 40),
    "J5 HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "J5 an upgrade": (
        400,
        twice("Upgrade", "h2c").replace(b"Host:", b"Connection: Upgrade\r\nHost:"),
    ),
    "J5 CONNECT": (400, b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "J18 no length": (411, changed(Content_Length=None)),
    "J18 chunked": (
        411,
        changed(Content_Length=None, Transfer_Encoding="chunked").replace(
            BODY, b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
        ),
    ),
    "J18 chunked and a length": (400, changed(Transfer_Encoding="chunked")),
    "J18 two lengths": (400, twice("Content-Length")),
    "J18 two lengths that differ": (400, twice("Content-Length", "7")),
    "J18 a negative length": (400, changed(Content_Length="-1")),
    "J18 a length in words": (400, changed(Content_Length="ten")),
    "J18 a length with a sign": (400, changed(Content_Length=f"+{len(BODY)}")),
    "J18 a length beyond numbers": (400, changed(Content_Length="9" * 40)),
    "J18 a folded header": (400, GOOD.replace(b"Host: ", b"Host:\r\n ")),
    "J18 a blank before the colon": (400, GOOD.replace(b"Host:", b"Host :")),
    "J16 one byte more than GitHub sends": (413, changed(Content_Length=str((25 << 20) + 1))),
    "J16 100 GB": (413, changed(Content_Length="99999999999")),
    "J13 a form": (
        415,
        changed(body=FORM, Content_Type="application/x-www-form-urlencoded"),
    ),
    "J14 no type": (415, changed(Content_Type=None)),
    "J14 text": (415, changed(Content_Type="text/plain")),
    "J14 two types": (415, twice("Content-Type", "text/plain")),
    "J14 another charset": (415, changed(Content_Type="application/json; charset=utf-16")),
    "J14 compressed": (415, changed(Content_Encoding="gzip")),
    "J14 a type like it": (415, changed(Content_Type="application/jsonp")),
    "J18 a header of 70 kB": (431, changed(X_Long="a" * 70_000)),
    "J18 a header without an end": (
        431,
        GOOD.partition(b"\r\n\r\n")[0] + b"\r\nX: " + b"a" * 17_000,
    ),
    "J18 2,000 headers": (431, changed(**{f"X-{number}": "a" for number in range(2_000)})),
    "J18 a long path": (431, changed(path="/webhook?" + "a" * 20_000)),
    "J6 no id": (400, changed(X_GitHub_Delivery=None)),
    "J6 two ids": (400, twice("X-GitHub-Delivery", "b" * 8)),
    "J6 an id of another kind": (400, changed(X_GitHub_Delivery="../x")),
    "J6 a long id": (400, changed(X_GitHub_Delivery="a" * 65)),
    "J8 no event": (400, changed(X_GitHub_Event=None)),
    "J8 an event of another kind": (400, changed(X_GitHub_Event="push!")),
    "J8 two events": (400, twice("X-GitHub-Event", "ping")),
    "J8 an issue sent as a push": (400, changed(body=b'{"action": "opened", "issue": {}}')),
    "J14 UTF-16": (400, changed(body=BODY.decode().encode("utf-16"))),
    "J15 a bomb": (400, changed(body=b"[" * 200_000)),
    "J15 a text": (400, changed(body=b'"a"')),
    "nothing": (400, changed(body=b"")),
    "J18 two at once": (400, push("b" * 40) + push("c" * 40)),
}


@pytest.mark.parametrize(("code", "data"), REFUSED.values(), ids=REFUSED)
def test_a_request_is_refused_with_a_constant(standing, code, data):
    found, body = standing.ask(data)
    assert (found, body) == (code, REFUSALS[code].body)


def test_what_was_refused_is_never_kept(standing):
    before = set(standing.states())
    for _, data in REFUSED.values():
        standing.ask(data)
    assert set(standing.states()) == before


ANSWERED = {
    "J9 ping": (200, b"pong\n", {"event": "ping"}, {}),
    "another event": (200, b"ignored: no push\n", {"event": "issues"}, {}),
    "a digit in its name": (200, b"ignored: no push\n", {"event": "projects_v2_item"}, {}),
    "J10 another branch": (200, b"ignored: another branch\n", {}, {"ref": "refs/heads/x"}),
    "J10 a tag": (200, b"ignored: no branch\n", {}, {"ref": "refs/tags/v1"}),
    "J10 a deletion": (200, b"ignored: a deletion\n", {}, {"deleted": True}),
    "J11 a fork": (
        200,
        b"ignored: another repository\n",
        {},
        {"repository": {"id": 42, "full_name": "fork/little"}},
    ),
    "J14 charset": (202, b"accepted\n", {"Content_Type": 'application/json; charset="UTF-8"'}, {}),
    "J32 from another century": (
        202,
        b"accepted\n",
        {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"repository": {"id": 42, "full_name": "octo/little", "pushed_at": 4_000_000_000}},
    ),
    "J13 a query": (202, b"accepted\n", {}, {}),
    "J27 forwarded": (
        202,
        b"accepted\n",
        {"X_Forwarded_For": "6.6.6.6", "X_Forwarded_Proto": "a"},
        {},
    ),
}


@pytest.mark.parametrize(("code", "text", "head", "change"), ANSWERED.values(), ids=ANSWERED)
def test_a_signed_delivery_is_answered_with_what_becomes_of_it(standing, code, text, head, change):
    body = payload(any_revision(), **change)
    sent = headers(body, **head)
    assert standing.ask(request(body, sent, path="/webhook?a=b")) == (code, text)
    row = standing.rows()[0]
    assert (row["id"], row["event"]) == (sent["X-GitHub-Delivery"], sent["X-GitHub-Event"])
    assert (row["state"] == "ignored") == (code == 200)


def test_j6_j7_a_replay_is_answered_as_seen_whatever_its_id(standing):
    body = payload(any_revision())
    first = headers(body)
    assert standing.ask(request(body, first))[0] == 202
    before = len(standing.rows())
    for _ in range(50):
        assert standing.ask(request(body, first)) == (200, b"already seen\n")
        assert standing.ask(request(body, headers(body))) == (200, b"already seen\n")
    other = payload(any_revision())
    again = headers(other, delivery=first["X-GitHub-Delivery"])
    assert standing.ask(request(other, again)) == (200, b"already seen\n")
    assert len(standing.rows()) == before


def test_j18_a_client_that_asks_first_is_told_to_continue(standing):
    async def talk():
        body = payload(any_revision())
        head, _, _ = request(body, headers(body, Expect="100-continue")).partition(body)
        reader, writer = await asyncio.open_connection("127.0.0.1", standing.port)
        writer.write(head)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert (await answer(reader))[0] == 202
        writer.close()

    asyncio.run(talk())


def test_many_deliveries_on_one_connection(standing):
    async def talk():
        reader, writer = await asyncio.open_connection("127.0.0.1", standing.port)
        for _ in range(30):
            writer.write(push(any_revision()))
            assert (await answer(reader))[0] == 202
        writer.close()

    asyncio.run(talk())


def test_a_head_and_a_body_may_come_byte_by_byte(standing):
    async def talk():
        reader, writer = await asyncio.open_connection("127.0.0.1", standing.port)
        for byte in push(any_revision()):
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await answer(reader))[0] == 202
        writer.close()

    asyncio.run(talk())


def test_no_header_says_what_serves_here_and_no_answer_repeats_a_request(standing):
    async def raw(data):
        reader, writer = await asyncio.open_connection("127.0.0.1", standing.port)
        writer.write(data)
        writer.write_eof()
        said = await reader.read()
        writer.close()
        return said

    for data in (changed(path="/<script>"), changed(secret=b"x" * 40), b"!\r\n\r\n"):
        said = asyncio.run(raw(data)).lower()
        assert said.startswith(b"http/1.1 4")
        assert b"server:" not in said
        assert b"uvicorn" not in said
        assert b"script" not in said


def test_the_health_path_tells_whose_process_it_is(standing):
    code, body = standing.ask(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (code, json.loads(body)) == (200, {"ok": True, "pid": standing.process.pid})


def test_a_good_request_is_answered_after_all_of_these(standing):
    async def talk():
        body = payload(any_revision())
        head = headers(body) | {"X-Hub-Signature-256": signature_of(SECRET, body).decode()}
        return await exchange(standing.port, request(body, head))

    assert asyncio.run(talk()) == (202, b"accepted\n")
    assert "Traceback" not in (standing.folder / "said").read_text()
