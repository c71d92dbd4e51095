import io
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mantodeus_ops.events import Note, Step, StepOutput, StepProgress, WouldRun
from mantodeus_ops.ui import progress as module
from mantodeus_ops.ui.progress import PlainProgress, TerminalProgress, progress
from tests.support.streams import AsciiTerminal, GonePipe, Terminal, screen

EIGHTY = {"COLUMNS": "80", "TERM": "xterm"}


def run_install(listener, status="ok"):
    """Tell the listener about one step with three lines of output."""
    listener.emit(Step("install"))
    listener.emit(StepOutput("added 1\nadd"))
    listener.emit(StepOutput("ed 2\x1b[31m!\x1b[0m\n10%\r20%"))
    listener.emit(Step("install", status, 12.34))


@pytest.mark.parametrize(
    ("stream", "env", "kind"),
    [
        (Terminal(), {}, TerminalProgress),
        (Terminal(), {"NO_COLOR": "1"}, TerminalProgress),
        (Terminal(), {"CI": "true"}, PlainProgress),
        (Terminal(), {"TERM": "dumb"}, PlainProgress),
        (io.StringIO(), {}, PlainProgress),
    ],
)
def test_a_live_line_is_only_for_a_terminal_that_wants_it(stream, env, kind):
    assert isinstance(progress(stream, "manager", label=False, env=env), kind)


def test_plain_progress_writes_every_line_with_its_host_and_no_control_character():
    stream = io.StringIO()
    listener = PlainProgress(stream, "manager")
    run_install(listener)
    listener.emit(Note("two\nlines\x07"))
    listener.emit(WouldRun("npm ci\nnpm run build"))
    assert stream.getvalue().splitlines() == [
        "[manager] install ...",
        "[manager]   added 1",
        "[manager]   added 2!",
        "[manager]   20%",
        "[manager] install ok (12.3 s)",
        "[manager] two",
        "[manager] lines",
        "[manager] would run: npm ci",
        "[manager] npm run build",
    ]


def test_without_colour_a_terminal_shows_the_same_but_for_the_colours():
    stream = Terminal()
    listener = TerminalProgress(stream, "manager", label=False, env={**EIGHTY, "NO_COLOR": "1"})
    run_install(listener, "failed")
    listener.emit(Note("warning: x"))
    assert screen(stream.getvalue()).splitlines()[0] == "✗ install      12.3 s"
    assert re.findall(r"\x1b\[[0-9;]*m", stream.getvalue()) == []


def test_a_long_note_is_wrapped_between_words_and_a_warning_stands_out():
    stream = Terminal()
    listener = TerminalProgress(stream, "manager", label=False, env=EIGHTY)
    listener.emit(Note("warning: " + "twelve chars " * 12))
    lines = screen(stream.getvalue()).splitlines()
    assert {len(line) <= 80 for line in lines} == {True}
    assert " ".join(line.strip() for line in lines) == ("warning: " + "twelve chars " * 12).strip()
    assert "\x1b[33mwarning\x1b[0m: twelve" in stream.getvalue()


def test_plain_progress_loses_no_output_when_a_step_never_ends():
    stream = io.StringIO()
    listener = PlainProgress(stream, "manager")
    listener.emit(StepOutput("half a li"))
    listener.close()
    listener.close()
    assert stream.getvalue() == "[manager]   half a li\n"


def test_hosts_in_threads_do_not_mix_inside_a_line():
    stream = io.StringIO()

    def watch(host):
        listener = PlainProgress(stream, host)
        for _ in range(200):
            listener.emit(StepOutput(f"{host} says\n{host} so\n"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(watch, ["web1", "web2", "web3", "web4"]))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 1_600
    assert all(re.fullmatch(r"\[(web\d)\]   \1 (says|so)", line) for line in lines)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("ok", "✓ install      12.3 s\n"),
        ("skipped", "– install      skipped\n"),  # noqa: RUF001 - the mark of the design
        ("reused", "↺ install      reused\n"),
        ("failed", "✗ install      12.3 s\n  │ added 1\n  │ added 2!\n  │ 20%\n"),
    ],
)
@pytest.mark.parametrize("label", [False, True])
def test_a_step_on_a_terminal_leaves_one_line_and_its_output_only_if_it_failed(
    status, expected, label
):
    stream = Terminal()
    run_install(TerminalProgress(stream, "web1", label=label, env=EIGHTY), status)
    prefix = "web1  " if label else ""
    wanted = "".join(f"{prefix}{line}\n" for line in expected.splitlines())
    assert screen(stream.getvalue()) == wanted


def test_a_failed_step_shows_the_last_forty_lines_and_how_many_it_hides():
    stream = Terminal()
    listener = TerminalProgress(stream, "manager", label=True, env=EIGHTY)
    listener.emit(Step("build"))
    listener.emit(StepOutput("".join(f"line {number}\n" for number in range(100))))
    listener.emit(Step("build", "failed", 1))
    lines = screen(stream.getvalue()).splitlines()
    assert lines[1:3] == ["manager    │ … 60 more lines above", "manager    │ line 60"]
    assert len(lines) == 42


def test_the_live_line_holds_the_newest_output_in_one_line_of_the_width_and_goes_away():
    stream = Terminal()
    listener = TerminalProgress(stream, "manager", label=False, env=EIGHTY)
    listener.emit(Step("install"))
    listener.emit(StepOutput("old\n[bold]npm\tadds " + "漢" * 100))
    deadline = time.monotonic() + 60
    while "npm adds" not in stream.getvalue() and time.monotonic() < deadline:
        time.sleep(0.05)
    live = stream.getvalue()
    listener.close()
    assert re.fullmatch(r". install +0 s +\[bold\]npm adds 漢{20}…", screen(live))
    assert "\n" not in live
    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h") == 1
    assert screen(stream.getvalue()).strip() == ""


def live_line(stream, listener, wanted):
    """Return what the live line is once the stream holds this text, and end the live line."""
    deadline = time.monotonic() + 60
    while wanted not in stream.getvalue() and time.monotonic() < deadline:
        time.sleep(0.02)
    live = screen(stream.getvalue())
    listener.close()
    return live


@pytest.mark.parametrize(
    ("columns", "total", "expected"),
    [
        ("80", 678_000_000, r". backup       \d s      ━{9}╸─{6}  412 MB of 678 MB"),
        ("60", 678_000_000, r". backup       \d s      412 MB of 678 MB"),
        ("80", 0, r". backup       \d s      412 MB"),
    ],
)
def test_the_live_line_of_a_step_that_counts_is_a_bar_and_its_bytes(columns, total, expected):
    stream = Terminal()
    env = {**EIGHTY, "COLUMNS": columns}
    listener = TerminalProgress(stream, "manager", label=False, env=env)
    listener.emit(Step("backup"))
    listener.emit(StepOutput("what a bar is worth more than\n"))
    listener.emit(StepProgress(412_000_000, total))
    assert re.fullmatch(expected, live_line(stream, listener, "412 MB"))
    assert screen(stream.getvalue()).strip() == ""


def test_the_longest_live_line_fits_eighty_columns_with_its_rate(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: clock[0])
    listener = TerminalProgress(Terminal(), "manager", label=False, env=EIGHTY)
    listener.emit(Step("backup"))
    for clock[0] in (3_590.0, 3_599.0):
        listener.emit(StepProgress(int(clock[0] * 11_100_000), 99_900_000_000))
    line = listener._live_line().plain
    assert line.endswith("39.9 GB of 99.9 GB  11.1 MB/s")
    assert len(line) <= 80
    listener.emit(Step("next"))
    assert "GB" not in listener._live_line().plain
    listener.close()


def test_notes_and_would_run_stand_on_lines_of_their_own_above_the_live_line():
    stream = Terminal()
    listener = TerminalProgress(stream, "manager", label=False, env=EIGHTY)
    listener.emit(Step("fetch"))
    listener.emit(Note("waiting for\nthe [lock]\x1b[2J"))
    listener.emit(WouldRun("git fetch 'a b'"))
    listener.close()
    assert screen(stream.getvalue()).splitlines() == [
        "  waiting for",
        "  the [lock]",
        "would run: git fetch 'a b'",
    ]
    assert "\x1b[2J" not in stream.getvalue()


@pytest.mark.parametrize("stream", [GonePipe(), AsciiTerminal()])
@pytest.mark.parametrize("make", [PlainProgress, TerminalProgress])
def test_a_stream_that_cannot_show_it_never_fails_the_task(stream, make):
    listener = make(stream, "manager", **({"label": True} if make is TerminalProgress else {}))
    run_install(listener, "failed")
    listener.emit(WouldRun("x"))
    assert stream.getvalue().isascii()


def test_a_closed_stream_never_fails_the_task():
    stream = Terminal()
    listener = progress(stream, "manager", label=False, env={})
    stream.close()
    run_install(listener)
    run_install(progress(stream, "manager", label=False, env={}))
