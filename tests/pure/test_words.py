"""Words that scripts read and people type."""

import pytest

from fabfile.pure.words import typed_hint


@pytest.mark.parametrize(
    ("hint", "typed"),
    [
        ("backup.list", "inv backup.list"),
        ("backup", "inv backup"),
        ("rollback --undo", "inv rollback --undo"),
        ("deploy --force-install", "inv deploy --force-install"),
        ("status", "inv status"),
        ("env.set NAME", "inv env.set NAME"),
        ("inv status", "inv status"),
        ("fab -H manager rollback", "fab -H manager rollback"),
        ("pm2 logs manager", "pm2 logs manager"),
        ("ssh manager cat file", "ssh manager cat file"),
        ("ssh -p 22 me@host", "ssh -p 22 me@host"),
        ("ssh-keygen -l -f known_hosts", "ssh-keygen -l -f known_hosts"),
        ("env", "inv env"),
        ("backups/x", "backups/x"),
        ("", ""),
    ],
)
def test_a_hint_that_begins_with_a_task_can_be_typed_as_it_stands(hint, typed):
    assert typed_hint(hint, "inv") == typed
