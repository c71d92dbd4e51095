import gc
import os
import time
from pathlib import Path

import pytest

from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.output import OutputBuffer, SkipBanner
from mantodeus_ops.remote.shell import frame
from mantodeus_ops.remote.transport import ConnectionDropped


def run(program, data=b"", timeout=60.0):
    """Return how a program ended on the line, and what it printed on both streams."""
    process = LocalTransport().start(frame(program, data))
    out, err = OutputBuffer(), OutputBuffer()
    try:
        code = process.pump(out.add, err.add, timeout).code
    finally:
        process.close()
    return code, out.text(), err.text()


@pytest.mark.parametrize(
    ("program", "ended"),
    [
        ("echo out; echo err >&2", (0, "out\n", "err\n")),
        ("exit 7", (7, "", "")),
        ("exit 255", (255, "", "")),
        ("false\ntrue", (0, "", "")),
        ("no-such-program 2>/dev/null", (127, "", "")),
    ],
)
def test_a_program_ends_with_its_output_and_its_exit_code(program, ended):
    assert run(program) == ended


def test_a_program_that_is_no_shell_text_fails():
    code, out, err = run("if then")
    assert (code != 0, out) == (True, "")
    assert "syntax error" in err


def test_standard_input_is_the_program_s_own_from_its_first_byte():
    data = bytes(range(256)) * 4
    assert run("od -An -v -tx1 | tr -d ' \\n'", data) == (0, data.hex(), "")


def test_a_large_input_and_a_large_output_do_not_block_each_other():
    data = b"x" * 3_000_000
    assert run("cat >/dev/null; head -c 3000000 /dev/zero | wc -c", data)[1] == "3000000\n"


def test_a_program_that_does_not_read_its_input_may_end_first():
    assert run("exit 3", b"x" * 1_000_000)[0] == 3


def test_a_program_that_is_killed_did_not_end_well():
    assert run("kill -9 $$")[0] in {-1, 137}


def test_a_program_starts_in_the_home_and_in_a_session_of_its_own():
    where, session = run("pwd -P; cut -d' ' -f6 /proc/$$/stat")[1].split()
    assert where == str(Path.home().resolve())
    assert int(session) != os.getsid(0)


@pytest.mark.parametrize("home", ["/nonexistent", "somewhere", "/etc/passwd", ""])
def test_a_program_starts_in_the_root_where_there_is_no_home(monkeypatch, home):
    monkeypatch.setenv("HOME", home)
    assert run("pwd")[1].strip() == "/"


def test_a_time_limit_is_kept_without_waiting_for_the_program():
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        run("sleep 60", timeout=0.2)
    assert time.monotonic() - began < 30


def test_what_came_before_the_time_was_up_was_handed_over():
    process = LocalTransport().start(frame("echo early; sleep 1"))
    held = OutputBuffer()
    with pytest.raises(TimeoutError):
        process.pump(held.add, held.add, 0.3)
    process.close()
    assert held.text() == "early\n"


def test_noise_before_our_mark_is_not_part_of_the_answer():
    process = LocalTransport().start(
        frame("echo motd; printf '\\036%s\\n' mark; echo ours; exit 4")
    )
    held = OutputBuffer()
    gate = SkipBanner("mark", held.add)
    assert process.pump(gate.add, held.add, 10).code == 4
    process.close()
    assert held.text() == "ours\n"


def test_a_conversation_goes_line_by_line():
    program = 'while read -r line; do echo "got $line"; [ "$line" != end ] || exit; done'
    process = LocalTransport().start(frame(program), more=True)
    for word in ("one", "two", "end"):
        process.send(f"{word}\n".encode())
        assert process.readline(5) == f"got {word}".encode()
    with pytest.raises(ConnectionDropped):
        process.readline(5)
    process.send(b"nobody reads this\n")
    process.close()


def test_lines_that_come_at_once_are_read_one_by_one():
    process = LocalTransport().start(frame("printf 'a\\n\\nb\\nrest'"))
    assert [process.readline(5) for _ in range(3)] == [b"a", b"", b"b"]
    with pytest.raises(ConnectionDropped):
        process.readline(5)
    process.close()


def test_a_line_that_does_not_come_is_not_waited_for():
    process = LocalTransport().start(frame("read -r line"), more=True)
    with pytest.raises(TimeoutError):
        process.readline(0.2)
    process.close()


def test_letting_go_of_a_program_that_goes_on_leaves_it_and_warns_of_nothing(tmp_path):
    process = LocalTransport().start(
        frame(f"cd {tmp_path}; cat; sleep 0.5; echo done >end"), more=True
    )
    process.close()
    del process
    gc.collect()
    deadline = time.monotonic() + 60
    while not (tmp_path / "end").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (tmp_path / "end").exists()
