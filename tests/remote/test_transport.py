import time

import pytest

from mantodeus_ops.errors import LoginRefusedError, UnreachableError
from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.transport import (
    ConnectionDropped,
    LineReader,
    reconnect_with_backoff,
)


class Away(LocalTransport):
    """A line to a machine that cannot be reached the first few times."""

    def __init__(self, times, kind=UnreachableError):
        self.times, self.kind, self.tried = times, kind, 0

    def reconnect(self):
        """Raise what a dialling raises while the machine is away."""
        self.tried += 1
        if self.tried <= self.times:
            raise self.kind(f"no route, try {self.tried}")


@pytest.mark.parametrize(("times", "least"), [(0, 0.0), (1, 0.2), (2, 0.6)])
def test_a_line_is_dialled_until_it_is_there_with_growing_pauses(times, least):
    line, began = Away(times), time.monotonic()
    assert reconnect_with_backoff(line, 10) == ""
    assert line.tried == times + 1
    assert time.monotonic() - began >= least


@pytest.mark.parametrize("kind", [UnreachableError, LoginRefusedError])
def test_a_line_that_stays_down_is_given_up_with_the_last_reason(kind):
    line, began = Away(99, kind), time.monotonic()
    assert reconnect_with_backoff(line, 0.5) == f"no route, try {line.tried}"
    assert line.tried >= 2
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_line_that_is_not_to_be_dialled_is_not_dialled(seconds):
    line = Away(0)
    assert reconnect_with_backoff(line, seconds) == "reconnecting is switched off"
    assert line.tried == 0


def reader_of(*chunks):
    """Return a reader of output that comes in these chunks, and then ends."""
    left = [*chunks, b""]
    return LineReader(lambda _: left.pop(0))


def test_lines_are_cut_where_they_end_however_the_output_is_cut():
    reader = reader_of(b"on", b"e\ntwo\n\nthr", b"ee\nrest")
    assert [reader.readline(1) for _ in range(4)] == [b"one", b"two", b"", b"three"]
    with pytest.raises(ConnectionDropped):
        reader.readline(1)


def test_a_line_that_never_ends_is_given_up():
    with pytest.raises(TimeoutError):
        reader_of(*[b"x" * 100_000] * 20).readline(1)


def test_what_came_before_a_timeout_is_not_lost():
    chunks = [b"be", TimeoutError(), b"gun\n"]

    def receive(_):
        chunk = chunks.pop(0)
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    reader = LineReader(receive)
    with pytest.raises(TimeoutError):
        reader.readline(1)
    assert reader.readline(1) == b"begun"
