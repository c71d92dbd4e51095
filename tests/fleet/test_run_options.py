"""What was typed for a run: the common options, and the task's own."""

import pytest

from fabfile import ns
from mantodeus_ops.errors import UsageError
from mantodeus_ops.fleet.run_options import parse_run_options
from mantodeus_ops.redaction.process import REDACTOR


def parsed(task, /, *, dry=False, local=False, **typed):
    """Return the options of a run of this task."""
    return parse_run_options(ns[task], typed, dry=dry, local=local)


def test_common_options_are_not_those_of_the_task(monkeypatch):
    monkeypatch.setenv("OPS_RECONNECT", "7")
    found = parsed("deploy", json=True, yes=True, wait="5", canary=True, batch="2", ref="v1")
    assert (found.own, found.batch, found.canary) == ({"ref": "v1"}, "2", True)
    options = found.options
    assert (options.as_json, options.yes, options.dry_run, options.here) == (
        True,
        True,
        False,
        False,
    )
    assert (options.wait_seconds, options.reconnect_seconds) == (5, 7)


@pytest.mark.parametrize(("flag", "dry"), [(True, False), (False, True)])
def test_a_dry_run_is_asked_for_by_the_task_or_by_invoke(flag, dry):
    assert parsed("deploy", dry_run=flag, dry=dry, local=True).options.dry_run
    assert not parsed("deploy", dry_run=False, dry=False).options.dry_run


def test_a_number_of_seconds_that_is_none_is_refused():
    with pytest.raises(UsageError, match="--wait takes a whole number"):
        parsed("deploy", wait="soon")


def test_a_value_that_is_never_typed_is_read_once_and_redacted(tmp_path):
    (tmp_path / "value").write_text("canary-0123456789\n")
    file = str(tmp_path / "value")
    found = parsed("env.set", name="A", value="", from_file=file, empty=False, restart=True)
    assert found.own == {"name": "A", "value": "canary-0123456789", "restart": True}
    assert "canary" not in REDACTOR.text("it is canary-0123456789")


@pytest.mark.parametrize(
    ("typed", "hosts", "batch", "mode"),
    [
        ({}, 8, 2, "stop"),
        ({"batch": "4"}, 8, 4, "stop"),
        ({"batch": "50%", "on_failure": "continue"}, 8, 4, "continue"),
        ({"on_failure": "revert"}, 8, 2, "revert"),
    ],
)
def test_a_change_goes_by_what_was_typed_else_by_the_inventory(typed, hosts, batch, mode):
    task = ns["deploy"]
    policy = parsed("deploy", **typed).policy(task, hosts, "2")
    assert (policy.batch, policy.canary, policy.on_failure) == (batch, False, mode)


def test_nothing_is_reverted_to_a_backup_that_was_skipped():
    with pytest.raises(UsageError, match="skip-backup"):
        parsed("deploy", on_failure="revert", skip_backup=True).policy(ns["deploy"], 2, "1")
