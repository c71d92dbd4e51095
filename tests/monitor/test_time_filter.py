import time

import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.monitor.time_filter import parse_since


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("3s", 3),
        ("2min", 120),
        ("10s", 10),
        ("7sec", 7),
        (" 10m ", 600),
        ("10 min", 600),
        ("2h", 7200),
        ("1d", 86_400),
    ],
)
def test_a_span_is_so_many_seconds_ago(text, seconds):
    assert parse_since(text) == {"since_seconds": seconds}


def test_a_moment_without_a_zone_is_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert parse_since("2025-12-05T14:30:00") == {"since_at": 1_764_945_000}
    assert parse_since("2025-12-05 15:30:00+01:00") == {"since_at": 1_764_945_000}
    assert parse_since(" 2025-12-05 14:30\n") == {"since_at": 1_764_945_000}
    assert parse_since("") == {}
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("text", ["yesterday", "-5m", "10 weeks", "m"])
def test_what_is_neither_is_a_mistake_of_who_typed_it(text):
    with pytest.raises(UsageError) as refused:
        parse_since(text)
    wanted = "a span such as 10m, 2h or 1d, or a time such as 2025-12-05T14:30"
    assert refused.value.message == f"--since must be {wanted}"
    assert refused.value.hint == "logs --since 10m"
