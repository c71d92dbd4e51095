import io

from mantodeus_ops.ui.watch_board import LiveBoard, PlainBoard, bars, board
from tests.support.streams import Terminal, screen

SEEN = {
    "healthy": True,
    "latency": 0.012,
    "memory": 52e6,
    "cpu": 3.0,
    "restarts": 2,
    "errors": [],
    "left": 90.0,
}
ILL = {**SEEN, "healthy": False, "reason": "it answered 500", "errors": ["\x1b[31mboom\x07"]}


def test_bars_grow_with_their_values():
    assert bars([0, 1, 2, 4]) == "▁▃▅█"
    assert bars([]) == ""
    assert bars([0.0, 0.0]) == "▁▁"
    assert len(bars([1.0] * 99)) == 24


def test_a_board_is_live_only_on_a_terminal_that_wants_it():
    assert isinstance(board(Terminal(), {}), LiveBoard)
    assert isinstance(board(Terminal(), {"CI": "1"}), PlainBoard)
    assert isinstance(board(io.StringIO(), {}), PlainBoard)


def test_a_log_gets_a_line_when_health_turns_each_minute_and_for_each_error():
    stream = io.StringIO()
    plain = PlainBoard(stream)
    for sample in (SEEN, {**SEEN, "left": 80.0}, {**ILL, "left": 70.0}, {**ILL, "left": 5.0}):
        plain.hear("web", sample)
    assert stream.getvalue().splitlines() == [
        "[web] healthy, 12 ms, 52 MB, cpu 3 %, 2 restarts, 1 min 30 s left",
        "[web] error | boom",
        "[web] it answered 500, 12 ms, 52 MB, cpu 3 %, 2 restarts, 1 min 10 s left",
        "[web] error | boom",
        "[web] it answered 500, 12 ms, 52 MB, cpu 3 %, 2 restarts, 5.0 s left",
    ]


def test_the_live_screen_shows_each_host_with_its_bars_and_the_newest_errors():
    terminal = Terminal()
    live = LiveBoard(terminal, {"COLUMNS": "140", "TERM": "xterm"})
    for latency in (0.01, 0.02, 0.04):
        live.hear("web", {**SEEN, "latency": latency})
    live.hear("api", ILL)
    live.close()
    live.close()
    shown = screen(terminal.getvalue())
    assert "▃▅█ 40 ms" in shown
    assert "it answered 500" in shown
    assert "api | boom" in shown
    assert "\x07" not in terminal.getvalue()
