import re
import sys

import pytest

from mantodeus_ops.events import Note, Step, StepOutput, WouldRun
from mantodeus_ops.results import TaskResult
from mantodeus_ops.ui.fleet_board import FleetBoard, fleet_board
from mantodeus_ops.ui.terminal import console
from tests.support.streams import Terminal

WIDE = {"COLUMNS": "100", "TERM": "xterm"}
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def drawn(board):
    """Return the lines of the screen as it looks now, without what spins and counts."""
    screen = console(Terminal(), WIDE)
    screen.print(board.drawn())
    text = CODES.sub("", screen.file._stream.getvalue())
    return [re.sub(r"[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]|\b\d+ s\b", "*", line).rstrip() for line in text.splitlines()]


@pytest.fixture
def terminal():
    """Return a terminal that remembers."""
    return Terminal()


def test_there_is_none_where_lines_cannot_be_written_over(terminal):
    assert fleet_board(terminal, ["web1", "web2"], {"TERM": "dumb"}) is None
    assert fleet_board(terminal, ["web1", "web2"], {**WIDE, "CI": "1"}) is None


def test_each_host_is_a_line_with_its_step_or_what_became_of_it(terminal):
    board = FleetBoard(terminal, ["web1", "web2", "db1"], WIDE)
    first, second = board.begun("web1"), board.begun("web2")
    first.emit(Step("build"))
    first.emit(StepOutput("transforming\x1b[2J 1423 modules\n"))
    second.emit(Step("fetch"))
    board.ended("web2", TaskResult("rolled_back", exit_code=5))
    assert drawn(board) == [
        "1 of 3 done, 1 failed, 1 running, 1 waiting  *",
        "* web1  build        *       transforming 1423 modules",
        "✗ web2  rolled back  *",
        "· db1",
    ]
    board.close()
    board.close()


def test_of_more_hosts_than_lines_those_at_work_and_those_that_failed_are_shown(terminal):
    board = FleetBoard(terminal, [f"web{number}" for number in range(100)], WIDE)
    board.console.height = 8
    for number in range(50):
        board.begun(f"web{number}")
        board.ended(f"web{number}", TaskResult("success"))
    board.ended("web7", TaskResult("failed", exit_code=1))
    board.begun("web60").emit(Step("build"))
    lines = drawn(board)
    board.close()
    assert lines[0] == "50 of 100 done, 1 failed, 1 running, 49 waiting  *"
    assert [line.split()[1] for line in lines[1:-1]] == ["web0", "web1", "web2", "web7", "web60"]
    assert lines[-1] == "  … and 95 more"


def test_what_is_told_and_what_failed_stays_above_and_the_board_goes(terminal):
    board = FleetBoard(terminal, ["web1", "web2"], WIDE)
    host = board.begun("web1")
    host.emit(Note("3 files are replaced"))
    host.emit(WouldRun("pm2 reload app"))
    host.emit(Step("fetch"))
    host.emit(Step("fetch", "ok", 1.0))
    host.emit(Step("build"))
    host.emit(StepOutput("one\ntwo\n"))
    host.emit(Step("build", "failed", 2.0))
    board.ended("web1", TaskResult("failed", exit_code=1))
    board.close()
    seen = CODES.sub("", terminal.getvalue())
    for line in ("web1    3 files", "web1  would run: pm2 reload app", "✗ build", "│ two"):
        assert line in seen
    assert "✓ fetch" not in seen
    assert terminal.getvalue().count("\x1b[?25l") == terminal.getvalue().count("\x1b[?25h")


def test_a_question_has_the_screen_for_itself(terminal, monkeypatch):
    typed = Terminal("yes\n")
    monkeypatch.setattr(sys, "stdin", typed)
    board = FleetBoard(terminal, ["web1", "web2"], WIDE)
    assert board.begun("web2").ask("Go on? [y/N]") == "yes"
    shown = terminal.getvalue()
    asked = shown.index("web2  Go on? [y/N]")
    assert shown[:asked].count("\x1b[?25l") == shown[:asked].count("\x1b[?25h") == 1
    board.close()
