import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mantodeus_ops import views
from mantodeus_ops.results import HostResult, TaskResult
from mantodeus_ops.ui.print_results import emit, show_error
from tests.support.streams import AsciiTerminal, Terminal

GONE = TaskResult("unreachable", {}, 3, "no line to web2\nat all", "fab -H web2 ssh.check")
SICK = TaskResult("degraded", {"health": "unhealthy"}, 7, "the health check is red", "")


def result(host, task_result=None, **data):
    """Return a result that took 1.234 s."""
    return HostResult("status", host, task_result or TaskResult("online", data), 1.234)


def emitted(*results, view=views.generic, as_json=False, stdout=None, env=None):
    """Return what emit writes to stdout and to stderr."""
    out, err = stdout or io.StringIO(), io.StringIO()
    emit(results, view, as_json=as_json, stdout=out, stderr=err, env=env or {"COLUMNS": "80"})
    return out.getvalue(), err.getvalue()


def test_json_is_one_object_a_line_and_all_else_goes_to_stderr():
    out, err = emitted(result("web1", memory_mb=1.5), result("web2", GONE), as_json=True)
    assert [json.loads(line) for line in out.splitlines()] == [
        result("web1", memory_mb=1.5).data(),
        result("web2", GONE).data(),
    ]
    assert err == (
        "error: web2: no line to web2 at all\nhint: fab -H web2 ssh.check\n1 of 2 succeeded\n"
    )


@dataclass(frozen=True)
class Holder:
    """A value that JSON does not know."""

    who: str
    since: float = float("nan")


def test_json_holds_only_what_json_knows_in_one_line_of_ascii():
    odd = {"lock": Holder("ann\né"), "tags": {"b", "a"}, 1: (True, None), "type": int}
    out, _ = emitted(result("web1", TaskResult("online", odd)), as_json=True)
    assert out.isascii()
    assert out.count("\n") == 1
    found = json.loads(out, parse_constant=pytest.fail)
    assert found["lock"] == {"who": "ann\né", "since": None}
    assert (found["tags"], found["1"], found["type"]) == (["a", "b"], [True, None], str(int))


def test_one_host_is_a_card():
    out, err = emitted(result("web1", git_branch="main", count=0, notes=["a", "b"], empty=[]))
    assert out == (
        "● web1  online  1.2 s\n"
        "  git branch  main\n"
        "  count       0\n"
        "  notes       a\n"
        "              b\n"
        "  empty       -\n"
    )
    assert err == ""


def test_several_hosts_are_one_table_in_the_given_order_and_a_count():
    hosts = [
        result("web9", git_branch="main"),
        result("web2", GONE),
        result("web1", SICK),
    ]
    out, err = emitted(*hosts, view=views.fields("git_branch", "health"))
    assert out == (
        "host  status       git branch  health\n"
        "web9  online       main        -\n"
        "web2  unreachable  -           -\n"
        "web1  degraded     -           unhealthy\n"
        "1 of 3 succeeded\n"
    )
    assert err == (
        "error: web2: no line to web2 at all\n"
        "hint: fab -H web2 ssh.check\n"
        "error: web1: the health check is red\n"
    )


def test_a_host_that_failed_shows_its_card_only_if_it_has_one():
    assert emitted(result("web2", GONE))[0] == ""
    out, err = emitted(result("web1", SICK))
    assert out == "● web1  degraded  1.2 s\n  health  unhealthy\n"
    assert err == "error: the health check is red\n"


def test_no_host_shows_nothing():
    assert emitted() == ("", "")


def test_nothing_from_outside_is_obeyed_as_markup_or_by_the_terminal():
    evil = "\x1b[2J[red]x[/nope]\x07"
    reports = [TaskResult(evil, {"name": evil}, 1, evil, evil)] * 2
    for shown in (
        emitted(result(evil, reports[0]), stdout=Terminal()),
        emitted(*(result(evil, report) for report in reports), stdout=Terminal()),
    ):
        assert "\x1b[2J" not in "".join(shown)
        assert "\x07" not in "".join(shown)
        assert "[red]x[/nope]" in shown[1]


def test_a_terminal_gets_colours_and_lines_of_its_width_and_a_pipe_gets_neither():
    long = result("web1", url="https://example.com/" + "y" * 120)
    on_terminal, _ = emitted(long, stdout=Terminal())
    bare = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal)
    assert bare != on_terminal
    assert max(map(len, bare.splitlines())) <= 80
    no_colour, _ = emitted(long, stdout=Terminal(), env={"COLUMNS": "80", "NO_COLOR": "1"})
    assert no_colour == bare
    piped, _ = emitted(long)
    assert len(piped.splitlines()) == 2


def test_a_terminal_of_an_old_locale_gets_what_it_can_show():
    out, _ = emitted(result("web1", name="é"), stdout=AsciiTerminal())
    assert out.isascii()


def test_an_error_is_one_line_and_so_is_its_hint():
    stream = io.StringIO()
    show_error("it\nfailed", "fab -H web1\n status", stream)
    show_error("again", "", stream)
    assert stream.getvalue() == "error: it failed\nhint: fab -H web1 status\nerror: again\n"


def test_importing_everything_that_shows_does_not_import_rich():
    code = (
        "import sys, mantodeus_ops.ui.progress, mantodeus_ops.views;"
        "import mantodeus_ops.ui.print_results;"
        "print([name for name in sys.modules if name.startswith('rich')])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=-1, text=True, cwd=root)
    assert done.stdout == "[]\n"


def test_hosts_with_the_same_failure_share_its_line_and_many_are_counted():
    never = TaskResult("not_begun", {}, 1, "not begun: web1 failed", "fab -H web1 deploy.history")
    rows = [
        result("web1", SICK),
        *(result(f"web{number}", never) for number in range(2, 17)),
    ]
    out, err = emitted(*rows)
    assert out.endswith("1 degraded, 15 not begun\n0 of 16 succeeded\n")
    named = ", ".join(f"web{number}" for number in range(2, 14))
    assert err == (
        "error: web1: the health check is red\n"
        f"error: {named} and 3 more: not begun: web1 failed\n"
        "hint: fab -H web1 deploy.history\n"
    )
