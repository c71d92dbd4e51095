import pytest

from mantodeus_ops.text.hints import typed_hint


@pytest.mark.parametrize(
    "hint",
    ["deploy", "deploy.follow", "deploy --ref main", "status", "ssh.check", "webhook.poll --json"],
)
def test_a_task_gets_its_program(hint):
    assert typed_hint(hint, "fab -H web") == f"fab -H web {hint}"


@pytest.mark.parametrize(
    "hint",
    ["", "df -h .", "ssh web", "deploy/run", "check.log", "logs/web", "statuses", "set app anew"],
)
def test_any_other_command_stays_as_it_is(hint):
    assert typed_hint(hint, "fab -H web") == hint
