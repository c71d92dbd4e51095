"""Whatever becomes of stdin, stdout and stderr: the work is done, and its exit code is told."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_executor import CHECKOUT, INVENTORY

BIN = Path(sys.executable).parent
WHEEL = f"{sys.executable} -c 'from mantodeus_ops.program import main; main()'"
DOORS = {
    "fab": f"{BIN}/fab -H web1",
    "inv": f"{BIN}/inv",
    "module": f"{sys.executable} -m mantodeus_ops",
    "wheel": f"{WHEEL} -H web1",
}
RED = "backup.verify backup-20251205-143000"  # there is none: exit code 7
WORDS = {"no-such-task": 2, "--list": 0, "--help deploy": 0, "--complete -- inv backup.": 0}
ENDS = [
    "> /dev/full",
    "2> /dev/full",
    "> /dev/full 2>&1",
    ">&-",
    "2>&-",
    ">&- 2>&-",
    "<&- >&- 2>&-",
    "<&-",
    "| head -c 1",
    "| true",
    "2>&1 | true",
]


@pytest.fixture
def shell(tmp_path):
    """Return what runs a line of bash, and gives its exit code and what was said."""
    (tmp_path / "hosts.toml").write_text(INVENTORY.format(folder=tmp_path))
    (tmp_path / "one").mkdir()
    known = {"HOME": str(tmp_path), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    known |= {"OPS_INVENTORY": str(tmp_path / "hosts.toml"), "OPS_LOCAL": "web1"}

    def run(*lines):
        counted = f"echo ${{PIPESTATUS[0]}} >> {tmp_path}/codes"
        script = "".join(f"{{ {line}; }}; {counted}\n" for line in lines)
        (tmp_path / "codes").write_text("")
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=CHECKOUT,
            env=known,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        codes = [int(code) for code in (tmp_path / "codes").read_text().split()]
        return codes, done.stdout, done.stderr

    run.known = known
    return run


def clean(said):
    """Return whether nothing of Python's own is among what was said."""
    return not [word for word in ("Traceback", "Exception ignored", "Error:") if word in said]


@pytest.mark.parametrize("end", ENDS)
def test_the_exit_code_is_that_of_the_work(shell, end):
    codes, out, err = shell(f"{DOORS['inv']} {RED} {end}")
    assert codes == [7], (out, err)
    assert clean(out + err), err


@pytest.mark.slow
@pytest.mark.parametrize("end", ["> /dev/full", ">&- 2>&-", "2>&1 | true"])
def test_pages_and_wrong_words_end_as_ever(shell, end):
    codes, out, err = shell(*(f"{DOORS['inv']} {words} {end}" for words in WORDS))
    assert codes == [*WORDS.values()], (out, err)
    assert clean(out + err), err


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
def test_by_each_door(shell, door):
    ends = ("> /dev/full 2>&1", "<&- >&- 2>&-", "2>&1 | true")
    lines = [f"{DOORS[door]} {words} {end}" for end in ends for words in (RED, "--list")]
    codes, out, err = shell(*lines)
    assert codes == [7, 0] * len(ends), (out, err)
    assert clean(out + err), err


def test_a_full_disk_is_told_once_where_it_can_be(shell):
    codes, out, err = shell(f"{DOORS['inv']} backup.verify --json > /dev/full")
    assert (codes, out) == ([0], "")
    assert err.count("No space left on device") == 1
    assert [line for line in err.splitlines() if "[web1]" not in line][1:] == []
    codes, out, err = shell(f"{DOORS['inv']} backup.verify --json 2> /dev/full")
    assert (codes, err, json.loads(out)["ok"]) == ([0], "", True)
    codes, out, err = shell(f"{DOORS['inv']} backup.verify --json >&-")
    assert (codes, out, "[web1]" in err) == ([0], "", True)
    assert "cut off" not in err  # the person has closed it


@pytest.mark.slow
def test_the_programs_own_words_do_not_fail_either(shell):
    lines = [
        f"{WHEEL} {words} {end}"
        for words in ("completion nope", "init more")
        for end in ("2> /dev/full", ">&- 2>&-", "2>&1 | true")
    ]
    codes, out, err = shell(*lines)
    assert codes == [2] * len(lines), (out, err)
    assert clean(out + err), err


SLOW = """
import os, time
from pathlib import Path
from mantodeus_ops.ui.streams import hold, outliving_the_terminal
hold()
told = []
with outliving_the_terminal(lambda: told.append(1)):
    print("begun", flush=True)
    end = time.monotonic() + 60
    while not told and time.monotonic() < end:
        time.sleep(0.01)
    print("still here", flush=True)
    print("and on stderr", file=__import__("sys").stderr)
Path("done").write_text(f"{len(told)} {os.isatty(1)}")
raise SystemExit(5)
"""


def test_a_terminal_that_goes_away_ends_no_work(tmp_path):
    process, terminal = pty.fork()
    if not process:
        os.chdir(tmp_path)
        os.execve(sys.executable, [sys.executable, "-c", SLOW], {"PYTHONPATH": str(CHECKOUT)})  # noqa: S606 - it is what is tested
    assert b"begun" in os.read(terminal, 100)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 5
    assert (tmp_path / "done").read_text() == "1 False"


@pytest.mark.slow
def test_what_only_watches_ends_with_its_terminal(shell, tmp_path):
    (tmp_path / "hosts.toml").write_text(INVENTORY.format(folder=tmp_path))
    process, terminal = pty.fork()
    if not process:
        os.chdir(CHECKOUT)
        argv = ["inv", "monitor.watch"]
        os.execve(f"{BIN}/inv", argv, shell.known)  # noqa: S606 - it is what is tested
    os.read(terminal, 100)
    time.sleep(0.5)
    os.close(terminal)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ended, _ = os.waitpid(process, os.WNOHANG)
        if ended:
            return
        time.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    pytest.fail("it watches for ever")
