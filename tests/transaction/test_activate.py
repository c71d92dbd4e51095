"""What a failed commit means for the live app, in the words that a person gets."""

import pytest

from mantodeus_ops.errors import RollbackFailedError, RolledBackError, StepFailedError
from mantodeus_ops.remote.jobs import JobResult
from mantodeus_ops.remote.local import LocalTransport
from mantodeus_ops.remote.options import Options
from mantodeus_ops.transaction.activate import activation_error, refused_error
from mantodeus_ops.transaction.steps import Steps
from tests.support.fake_host import host_at

UNHEALTHY = {"error": "unhealthy: 500", "errors": ["first line", "last line"]}
STATUS = "fab -H here status"


class Unused(LocalTransport):
    """A line over which nothing may be asked: what a failure means is known by now."""

    def start(self, data, *, more=False):
        """Refuse."""
        raise AssertionError(data, more)


def told(folder, code, options=None, **result):
    """Return the error of a commit that ended so."""
    host = host_at(folder, line=Unused(), options=options)
    return activation_error(host, JobResult(code, result, 1.0))


def test_what_went_back_by_itself_names_what_is_live_and_why(tmp_path):
    error = told(tmp_path, 5, **UNHEALTHY, previous_revision="a" * 40, dossier=".deploy/d.txt")
    assert (type(error), error.message, error.hint) == (
        RolledBackError,
        "unhealthy: 500; last line. Rolled back: aaaaaaaaaa is live and healthy",
        f"cat {tmp_path}/.deploy/d.txt",
    )


@pytest.mark.parametrize(
    ("result", "before"),
    [
        ({"task": "env.set", "previous_revision": "a" * 40}, "the previous .env"),
        ({"task": "deploy"}, "the previous version"),
    ],
)
def test_what_was_before_has_a_name_without_a_revision_too(tmp_path, result, before):
    error = told(tmp_path, 5, error="it died", **result)
    assert error.message == f"it died. Rolled back: {before} is live and healthy"
    assert error.hint == STATUS


def test_a_rollback_that_was_taken_back_leads_to_the_next_state(tmp_path):
    error = told(tmp_path, 5, **UNHEALTHY, task="rollback")
    assert error.hint == "fab -H here rollback  # tries the next good state"


def test_when_the_way_back_failed_too_a_person_is_called(tmp_path):
    more = {"previous_revision": "a" * 40, "rollback_error": "port taken"}
    error = told(tmp_path, 6, **UNHEALTHY, **more)
    assert (type(error), error.exit_code) == (RollbackFailedError, 6)
    assert "The rollback to aaaaaaaaaa failed too: port taken. Fix the app by hand" in error.message
    assert error.hint == "fab -H here logs --err --lines 50  # then docs/runbook.md"


@pytest.mark.parametrize(
    ("result", "message", "hint"),
    [
        (
            {},
            "it was interrupted (exit 137); the next command recovers it first",
            "fab -H here restart",
        ),
        (
            {"error": "it died", "first": True},
            "it died. There is no previous version to restore; the app is stopped",
            STATUS,
        ),
        (
            {"error": "it died", "task": "restart"},
            "it died. The live app runs the same files as before",
            "fab -H here rollback  # goes to the last good state",
        ),
        (
            {"task": "deploy"},
            "it ended with exit code 137. The live app runs the same files as before",
            STATUS,
        ),
    ],
)
def test_what_there_was_no_way_back_from_says_what_runs_now(tmp_path, result, message, hint):
    error = told(tmp_path, 137, **result)
    assert (type(error), error.message, error.hint) == (StepFailedError, message, hint)


def test_whoever_sits_at_the_host_is_told_what_to_type_there(tmp_path):
    assert told(tmp_path, 1, Options(here=True), error="no").hint == "inv status"


@pytest.mark.parametrize(
    ("errors", "reason"),
    [
        (["TypeError: no user", "  code: 1,", "}"], "unhealthy: 500; TypeError: no user"),
        (["unhealthy: 500"], "unhealthy: 500"),
        (["", "}"], "unhealthy: 500"),
        (["Error: it exists."], "unhealthy: 500; Error: it exists"),
    ],
)
def test_the_reason_out_of_the_app_s_errors_is_told_once(tmp_path, errors, reason):
    error = told(tmp_path, 1, error="unhealthy: 500", errors=errors)
    assert error.message == f"{reason}. The live app runs the same files as before"


def test_the_reason_of_a_way_back_that_failed_is_found_in_what_was_printed(tmp_path):
    more = {"rollback_error": "pm2 start failed (exit 1)", "rollback_errors": ["Error: no room"]}
    error = told(tmp_path, 6, **UNHEALTHY, **more)
    assert "failed too: pm2 start failed (exit 1); Error: no room" in error.message


def test_a_commit_that_was_refused_was_not_cut_off(tmp_path):
    host = host_at(tmp_path, line=Unused())
    result = {"refused": True, "code": "pm2-silent", "facts": {"pid": 7}}
    error = refused_error(host, JobResult(94, result, 1.0), Steps(host))
    assert (error.code, error.recorded) == ("pm2-silent", False)
    assert error.message.startswith("the PM2 daemon (process 7) does not answer. ")
    assert error.hint == "kill -9 7; pm2 resurrect"
