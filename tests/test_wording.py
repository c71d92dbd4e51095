"""How an error reads: the check that every error of the tests goes through."""

import pytest

from mantodeus_ops.errors import OpsError
from tests.support.wording import every_error, faults


@pytest.fixture(autouse=True)
def _errors_read_well():
    """Let errors be made here that do not."""


@pytest.mark.parametrize(
    ("message", "hint", "wrong"),
    [
        ("hook before_commit failed (exit 7): exit 7", "", ["a part twice"]),
        ("clone failed: and it exists.. The live app", "", ["glued"]),
        ("git cannot reach the remote: ", "", ["an empty part"]),
        ("it failed: ; the live app", "", ["glued"]),
        ("it failed ()", "", ["glued"]),
        ("", "", ["no message"]),
        ("it failed", " ", ["a hint that says nothing"]),
        ("it failed", "one\ntwo", ["a hint of several lines"]),
        ("it failed: type status", "status", ["the hint in the message"]),
        ("it failed: no disk. The live app is unchanged", "df -h", []),
        ("../x is outside: it waits... and waits", "", []),
        ("'..  ' cannot be a branch", "", []),  # what was typed may hold anything
        ('"\'.. : ;" cannot be a branch: no', "", []),
        ("the host's own '.. ' and its clone: ", "", ["an empty part"]),
    ],
)
def test_what_does_not_read_well_is_found(message: str, hint: str, wrong: list[str]):
    assert faults(message, hint) == wrong


def test_every_error_that_is_made_is_looked_at():
    with every_error() as found:
        OpsError("it failed: ")
        OpsError("it failed")
    assert [wrong for wrong, *_ in found] == [["an empty part"]]
