"""A value that nobody may see: where it comes from, and when it is refused."""

import contextlib
import os
import pty
import subprocess
import sys
import time

import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.ui import prompts

NONE = {"value": "", "from_file": "", "empty": False}
ASK = """
from mantodeus_ops.ui.prompts import hidden_value
try:
    print("got", hidden_value("TOKEN", {"value": "", "from_file": "", "empty": False})[::-1])
except Exception as error:
    print("refused", error)
"""


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"plain", "plain"),
        (b"plain\n", "plain"),
        (b"two\nlines\n", "two\nlines"),
        (b" x \r\n", " x "),
    ],
)
def test_one_line_end_of_a_file_belongs_to_who_wrote_it(tmp_path, data, expected):
    (tmp_path / "value").write_bytes(data)
    given = {**NONE, "from_file": str(tmp_path / "value")}
    assert prompts.hidden_value("TOKEN", given) == expected


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "nothing came"),
        (b"\n", "nothing came"),
        (b"\xff", "UTF-8"),
        (b"x" * 2**21, "megabyte"),
    ],
)
def test_a_file_without_a_value_is_refused(tmp_path, data, told):
    (tmp_path / "value").write_bytes(data)
    with pytest.raises(UsageError, match=told):
        prompts.hidden_value("TOKEN", {**NONE, "from_file": str(tmp_path / "value")})


def test_no_value_at_all_must_be_asked_for():
    assert prompts.hidden_value("TOKEN", {**NONE, "empty": True}) == ""


def test_a_value_typed_in_view_is_refused_and_not_repeated():
    with pytest.raises(UsageError) as refused:
        prompts.hidden_value("TOKEN", {**NONE, "value": "hunter22"})
    assert "hunter22" not in refused.value.message + refused.value.hint


def typed(*answers):
    """Return what a terminal shows to somebody who types these answers."""
    parent, child = pty.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-c", ASK], stdin=child, stdout=child, stderr=child, start_new_session=True
    )
    os.close(child)
    seen = b""
    for answer in answers:
        while b"TOKEN" not in seen.rpartition(b"\n")[2]:
            seen += os.read(parent, 1000)
        time.sleep(0.1)  # the echo is off a moment after the question is shown
        os.write(parent, answer.encode() + b"\n")
        seen += b"\n"
    with contextlib.suppress(OSError):  # the other end is closed: all is read
        while True:
            seen += os.read(parent, 1000)
    asking.wait()
    os.close(parent)
    return seen.decode()


def test_a_person_types_it_twice_unseen():
    seen = typed("hunter22", "hunter22")
    assert "Value of TOKEN" in seen
    assert "TOKEN once more" in seen
    assert "got 22retnuh" in seen
    assert "hunter22" not in seen


def test_a_slip_is_noticed():
    assert "refused the two values differ" in typed("hunter22", "hunter23")
