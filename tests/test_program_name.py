import sys

import pytest

from mantodeus_ops.program_name import as_called


@pytest.mark.parametrize(
    ("called", "command", "typed"),
    [
        ("/usr/bin/fab", "fab -H web status", "fab -H web status"),
        ("inv", "inv status", "inv status"),
        ("/x/mantodeus-ops", "fab -H web status", "mantodeus-ops -H web status"),
        ("mantodeus-ops", "inv status", "mantodeus-ops status"),
        ("mantodeus-ops", "inv", "mantodeus-ops"),
        ("mantodeus-ops", "pm2 list", "pm2 list"),
        ("mantodeus-ops", "invite somebody", "invite somebody"),
    ],
)
def test_a_hint_names_the_program_that_was_called(monkeypatch, called, command, typed):
    monkeypatch.setattr(sys, "argv", [called])
    assert as_called(command) == typed
