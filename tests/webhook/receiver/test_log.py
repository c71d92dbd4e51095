import json
import stat

import pytest

from mantodeus_ops.redaction.process import REDACTOR
from mantodeus_ops.webhook.receiver.log import ReceiverLog


class Clock:
    """A clock that stands."""

    now = 1_000_000_000.0

    def __call__(self):
        """Return the time."""
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def book(tmp_path, clock):
    return ReceiverLog(tmp_path / "webhook.log", clock=clock)


def lines(tmp_path):
    return [json.loads(line) for line in (tmp_path / "webhook.log").read_text().splitlines()]


def test_a_line_says_when_and_what_and_leaves_out_what_is_empty(book, tmp_path):
    book.tell("accepted", id="a", pusher="", seconds=0.5, code=0)
    assert lines(tmp_path) == [
        {
            "at": "2001-09-09T01:46:40.000+00:00",
            "what": "accepted",
            "id": "a",
            "seconds": 0.5,
            "code": 0,
        }
    ]


def test_a_field_that_is_not_known_is_a_mistake(book):
    with pytest.raises(KeyError):
        book.tell("accepted", headers="x")


def test_j29_a_text_is_one_clean_line_and_cut(book, tmp_path):
    book.tell("accepted", pusher="a\r\nb\x1b[31mc\u2028d\u202e\ud800" + "x" * 1_000)
    (line,) = lines(tmp_path)
    assert line["pusher"].startswith("a bc d\ufffdxxx")
    assert len(line["pusher"]) == 300


def test_a_secret_is_hidden_also_where_a_text_is_cut(book, tmp_path):
    REDACTOR.add_secrets(["hunter2hunter2"])
    book.tell("later", reason="see hunter2hunter2", hint="x" * 295 + "hunter2hunter2")
    assert "hunter2" not in (tmp_path / "webhook.log").read_text()
    assert lines(tmp_path)[0]["reason"] == "see [secret]"


def test_refusals_of_a_kind_make_a_line_a_minute(book, clock, tmp_path):
    for _ in range(5):
        book.refused(401)
    book.refused(415)
    clock.now += 61
    book.refused(401)
    assert [(line["code"], line["count"]) for line in lines(tmp_path)] == [
        (401, 1),
        (415, 1),
        (401, 5),
    ]
    assert "application/json" in lines(tmp_path)[1]["hint"]
    assert book.take_counts() == {"401": 6, "415": 1}
    assert book.take_counts() == {}


def test_it_is_rotated_and_stays_private(book, tmp_path):
    book._file.maxBytes = 50_000
    filler = "x" * 300
    fields = {"reason": filler, "hint": filler, "outcome": filler, "pusher": filler, "ref": filler}
    for _ in range(140):
        book.tell("later", **fields)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [
        "webhook.log",
        "webhook.log.1",
        "webhook.log.2",
        "webhook.log.3",
    ]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert max(file.stat().st_size for file in files) <= 50_000


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path, clock, capsys):
    (tmp_path / "webhook.log").symlink_to("/dev/full")
    ReceiverLog(tmp_path / "webhook.log", clock=clock).tell("env/process_env", pid=1)
    assert capsys.readouterr().err == ""
