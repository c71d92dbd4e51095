import json
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mantodeus_ops.redaction.redactor import Redactor
from mantodeus_ops.remote.output import JobLogReader, OutputBuffer, SkipBanner

SECRET = "canary-c0ffee"
NOISE = "Willkommen ☃\n\x1enot-our-mark\nmotd\n"
TEXT = (
    f"one é漢😀\n\x1e{json.dumps({'step': 'swap', 'status': 'started'})}\n"
    f"password {SECRET}!\r\ntwo\x1e{json.dumps({'step': 'swap', 'status': 'ok', 'n': 'é'})}\nend"
)
TOLD = "one é漢😀\npassword [secret]!\r\ntwoend"
EVENTS = [
    {"step": "swap", "status": "started"},
    {"step": "swap", "status": "ok", "n": "é"},
]


def after_mark(chunks):
    """Return what a mark lets through of these chunks, and its keeper."""
    held = OutputBuffer()
    gate = SkipBanner("mark", held.add)
    for chunk in chunks:
        gate.add(chunk)
    return held.text(), gate


def logged(chunks, secrets=(SECRET,)):
    """Return what a log tells, its events and its count, for these chunks."""
    told, events = [], []
    log = JobLogReader(Redactor(secrets), told.append, events.append)
    for chunk in chunks:
        log.add(chunk)
    log.end()
    return "".join(told), events, log.count


def pieces(data, cuts):
    """Return the data cut at these places."""
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[one:other] for one, other in pairwise(places)]


@pytest.mark.parametrize("noise", ["", NOISE, "no newline at its end", "\x1e", "\x1emark\r\n"])
def test_only_what_comes_after_the_mark_is_let_through_wherever_it_is_cut(noise):
    data = f"{noise}\x1emark\nours\x1emark\n".encode()
    for cut in range(len(data) + 1):
        text, gate = after_mark([data[:cut], data[cut:]])
        assert (text, gate.found) == ("ours\x1emark\n", True)
    assert after_mark([bytes([byte]) for byte in data])[0] == "ours\x1emark\n"


def test_what_came_without_a_mark_is_kept_for_the_error():
    text, gate = after_mark([b"This account is ", b"disabled.\n\xff"])
    assert (text, gate.found, gate.before) == ("", False, "This account is disabled.\n\ufffd")


def test_a_flood_before_the_mark_fills_no_memory_and_hides_no_mark():
    text, gate = after_mark([b"x" * 10**6, b"y" * 10**6 + b"\x1ema", b"rk\nours"])
    assert (text, len(gate.before)) == ("ours", 0)
    assert len(after_mark([b"x" * 10**6])[1].before) < 10**5


def test_the_head_of_what_is_ours_is_remembered_and_no_more():
    gate = after_mark([b"\x1emark\n", b"ops:root\n", *[b"z" * 100] * 100])[1]
    assert gate.head.startswith("ops:root\n")
    assert len(gate.head) < 1000


def test_held_bytes_become_text_even_when_they_are_none():
    held = OutputBuffer()
    for byte in "a☃".encode() + b"\xff":
        held.add(bytes([byte]))
    assert held.text() == "a☃\ufffd"


def test_a_log_is_the_same_wherever_it_is_cut():
    data = TEXT.encode()
    for cut in range(len(data) + 1):
        assert logged([data[:cut], data[cut:]]) == (TOLD, EVENTS, len(data))
    assert logged([bytes([byte]) for byte in data]) == (TOLD, EVENTS, len(data))


@given(some.lists(some.integers(0, 10**4), max_size=8))
def test_a_log_is_the_same_in_any_pieces(cuts):
    data = TEXT.encode()
    assert logged(pieces(data, cuts)) == (TOLD, EVENTS, len(data))


@settings(max_examples=25)
@given(some.text(some.characters(exclude_characters="\x1e", codec="utf-8")), some.binary())
def test_nothing_of_a_log_without_events_is_lost(text, junk):
    data = text.encode()
    assert logged(pieces(data, [3, 5, 9]), ()) == (text, [], len(data))
    told, _, count = logged(pieces(junk, [1, 2, 3]), ())
    assert count == len(junk)
    assert b"\x1e" in junk or told == junk.decode(errors="replace")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"end \xe2\x98", "end \ufffd"),
        (b"a\xff\xfeb", "a\ufffd\ufffdb"),
        (b"a\x1enot json\nb", "anot json\nb"),
        (b"a\x1e[1, 2]\nb", "a[1, 2]\nb"),
        (b"a\x1e" + b"[" * 100_000 + b"\nb", "a" + "[" * 100_000 + "\nb"),
        (b"a\x1e\nb", "a\nb"),
        (b'a\x1e{"step":1,"status":"ok"}\nb', 'a{"step":1,"status":"ok"}\nb'),
        (b'a\x1e{"step":"x"}\nb', 'a{"step":"x"}\nb'),
        (b'a\x1e{"progress":"x","done":1e999,"total":0}\nb', None),
        (b'a\x1e{"progress":"x","done":NaN,"total":0}\nb', None),
        (b'a\x1e{"progress":"x","done":-1,"total":0}\nb', None),
        (b'a\x1e{"progress":"x","done":1' + b"0" * 400 + b',"total":0}\nb', None),
        (b'a\x1e{"step":"x","status":"ok","seconds":"soon"}\nb', None),
    ],
)
def test_what_only_looks_like_an_event_is_text(data, told):
    told = data.decode().replace("\x1e", "") if told is None else told
    assert logged([data]) == (told, [], len(data))


@pytest.mark.slow
def test_three_hundred_thousand_events_cost_little():
    line = b'\x1e{"progress":"backup","done":1,"total":2}\n'
    began = time.process_time()
    events = logged([line * 2000] * 150)[1]
    assert len(events) == 300_000
    assert time.process_time() - began < 15


def test_a_marked_line_that_never_ends_fills_no_memory():
    told = []
    log = JobLogReader(Redactor(()), told.append, told.append)
    for _ in range(100):
        log.add(b"\x1e" + b"x" * 65_536)
    assert sum(map(len, told)) > 98 * 65_536


def test_an_event_that_a_crash_tore_is_not_shown():
    assert logged([b'a\x1e{"step": "sw'])[:2] == ("a", [])


def test_a_secret_is_hidden_wherever_it_is_cut():
    data = f"x{SECRET}y{SECRET}".encode()
    for cut in range(len(data) + 1):
        assert logged([data[:cut], data[cut:]])[0] == "x[secret]y[secret]"


def test_what_cannot_be_the_beginning_of_a_secret_is_told_at_once():
    told = []
    log = JobLogReader(Redactor((SECRET,)), told.append, told.append)
    log.add(b"added 1 package\n")
    assert "".join(told) == "added 1 package\n"
