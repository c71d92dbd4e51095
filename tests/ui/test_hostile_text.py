"""Whatever a host sends, no way to a terminal or a log lets through what a terminal obeys."""

import io
import json
import logging
import sys

import pytest

from mantodeus_ops import events, views
from mantodeus_ops.notify.message import notification
from mantodeus_ops.redaction.process import REDACTOR, ProcessRedactor, RedactingListener
from mantodeus_ops.results import HostResult, TaskResult
from mantodeus_ops.ui import prompts
from mantodeus_ops.ui.fleet_board import FleetBoard
from mantodeus_ops.ui.plain_progress import PlainProgress
from mantodeus_ops.ui.print_results import emit, json_line, show_error
from mantodeus_ops.ui.progress import TerminalProgress
from mantodeus_ops.ui.terminal import SafeStream, answer, console
from mantodeus_ops.ui.watch_board import LiveBoard, PlainBoard
from tests import test_views
from tests.backup import test_views as test_backup_views
from tests.env import test_views as test_env_views
from tests.ssh import test_views as test_ssh_views
from tests.support.hostile_texts import HOSTILE, obeyed, spoiled
from tests.support.streams import Terminal
from tests.webhook import test_views as test_webhook_views

TERM = {"TERM": "xterm", "COLUMNS": "100"}
MODULES = (test_views, test_backup_views, test_env_views, test_ssh_views, test_webhook_views)
SAMPLES = [
    one
    for module in MODULES
    for name, one in vars(module).items()
    if name.isupper() and isinstance(one, dict)
]
LISTS = ("backups", "entries", "deliveries", "variables", "findings", "results")
WRAPPED = [{**{name: [one] for name in LISTS}, "plan": one} for one in SAMPLES]
SAMPLE = {
    "healthy": False,
    "reason": "it died",
    "errors": ["Error: no"],
    "left": 60.0,
    **dict.fromkeys(("latency", "memory", "cpu", "restarts"), 0.0),
}


def drawn(view, data, *, terminal, **more):
    """Return what is shown of this data, or nothing where the view knows no such data."""
    out = Terminal() if terminal else io.StringIO()
    report = TaskResult(f"failed{HOSTILE}", spoiled(data), 1, f"no{HOSTILE}", f"type{HOSTILE}")
    results = [HostResult("t", f"web{HOSTILE}", report, 1.0)] * more.pop("hosts", 1)
    try:
        emit(results, view, as_json=False, stdout=out, stderr=out, env=TERM)
    except (KeyError, TypeError, ValueError, AttributeError):
        return ""
    return out.getvalue()


@pytest.mark.parametrize("name", sorted(set(views.__all__) - {"fields"}))
def test_no_view_lets_through_what_a_terminal_obeys(name):
    view, told = getattr(views, name), []
    for at, data in enumerate([*SAMPLES, *WRAPPED]):
        told.append(drawn(view, data, terminal=bool(at % 2), hosts=1 + at % 3 // 2))
    assert any(told)
    assert {mark for text in told for mark in obeyed(text, terminal=True)} == set()


def hear_everything(progress):
    """Tell a listener all that there is to hear, each with hostile text."""
    progress.emit(events.Step(f"build{HOSTILE}"))
    progress.emit(events.StepOutput(f"{HOSTILE}\none{HOSTILE}\nopen{HOSTILE}"))
    progress.emit(events.StepProgress(1, 2))
    progress.emit(events.Note(f"note{HOSTILE}\nmore{HOSTILE}"))
    progress.emit(events.WouldRun(f"rm {HOSTILE}"))
    progress.emit(events.AppLine(f"out{HOSTILE}", f"said{HOSTILE}"))
    progress.emit(events.Step(f"build{HOSTILE}", "failed", 1.0))
    progress.emit(events.Step(f"build{HOSTILE}", f"ok{HOSTILE}", 1.0))


def test_no_line_of_a_log_lets_it_through():
    out = io.StringIO()
    progress = PlainProgress(out, f"web{HOSTILE}")
    progress.out, progress.host_label = out, f"web{HOSTILE}"
    hear_everything(RedactingListener(progress, REDACTOR))
    progress.close()
    assert out.getvalue().count("text") > 8
    assert obeyed(out.getvalue()) == []


@pytest.mark.parametrize("label", [False, True])
def test_no_line_of_a_terminal_lets_it_through(label):
    out = Terminal()
    progress = TerminalProgress(out, f"web{HOSTILE}", label=label, env=TERM)
    progress.out, progress.host_label = out, f"web{HOSTILE}"
    hear_everything(RedactingListener(progress, REDACTOR))
    progress.close()
    assert out.getvalue().count("text") > 8
    assert obeyed(out.getvalue(), terminal=True) == []


def test_no_board_lets_it_through():
    out, name = Terminal(), f"web{HOSTILE}"
    board = FleetBoard(out, [name, "other"], TERM)
    progress = board.begun(name)
    progress.out = out
    hear_everything(progress)
    board.ended(name, TaskResult(f"success{HOSTILE}"))
    console(out, TERM).print(board.drawn())
    board.close()
    assert obeyed(out.getvalue(), terminal=True) == []


@pytest.mark.parametrize("kind", [LiveBoard, PlainBoard])
def test_no_watch_lets_it_through(kind):
    out = Terminal()
    board = kind(out)
    board.hear(f"web{HOSTILE}", spoiled(SAMPLE))
    board.close()
    assert "text" in out.getvalue()
    assert obeyed(out.getvalue(), terminal=kind is LiveBoard) == []


def test_no_question_lets_it_through(monkeypatch):
    out, asked = Terminal(), []
    stdin = Terminal("yes\n")
    progress = TerminalProgress(out, "web", label=False, env=TERM)
    monkeypatch.setattr(sys, "stdin", stdin)
    progress.ask(f"Go to {HOSTILE}\nnext? [y/N]")
    answer(SafeStream(out), f"Go to {HOSTILE}?", Terminal("no\n"))
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or "word")
    prompts.password(f"me{HOSTILE}", f"web{HOSTILE}")
    assert obeyed(out.getvalue(), terminal=True) + obeyed("".join(asked)) == []
    assert out.getvalue().count("\n") == 0


def test_no_error_lets_it_through():
    for out in (io.StringIO(), Terminal()):
        show_error(f"no{HOSTILE}", f"type{HOSTILE}", out)
        assert obeyed(out.getvalue()) == []


def test_json_holds_it_as_escapes_only():
    told = json_line(
        HostResult("t", f"web{HOSTILE}", TaskResult(HOSTILE, {HOSTILE: [HOSTILE]}), 1.0)
    )
    assert obeyed(told) == []
    assert json.loads(told)["status"] == HOSTILE


def test_no_traceback_and_no_record_of_a_library_lets_it_through(monkeypatch, capsys):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    kept = logging.getLogRecordFactory()
    try:
        ProcessRedactor().install()
        error = ValueError(HOSTILE)
        about = (type(error), error, None)
        sys.excepthook(*about)
        made = logging.getLogRecordFactory()
        record = made("n", 40, "f", 1, "%s", (HOSTILE,), about, "f", HOSTILE)
    finally:
        logging.setLogRecordFactory(kept)
    told = f"{record.getMessage()}{record.exc_text}{record.stack_info}{capsys.readouterr().err}"
    assert told.count("text") > 3
    assert obeyed(told) == []


def test_a_notice_is_one_line_for_each_fact():
    facts = {"reason": f"no{HOSTILE}\nby: me", "by": "me"}
    told = notification("failed", host=f"web{HOSTILE}", app="shop", facts=facts)
    assert told.text.split("\n") == ["reason: nored text by: me", "by: me"]
    assert obeyed(told.title) == []


def test_what_is_ours_on_a_terminal_passes():
    out = Terminal()
    console(out, TERM).print("[plain]", style="red")
    assert out.getvalue() == "\x1b[31m[plain]\x1b[0m\n"
