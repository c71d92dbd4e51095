import json
import re

import pytest

from mantodeus_ops import errors
from mantodeus_ops.results import HostResult, TaskResult, failure, with_hints


def test_an_outcome_that_is_ok_has_the_common_keys_first_and_no_error():
    result = HostResult("status", "manager", TaskResult("online", {"restarts": 0}), 1.23456)
    assert list(result.data().items()) == [
        ("task", "status"),
        ("host", "manager"),
        ("ok", True),
        ("status", "online"),
        ("exit_code", 0),
        ("seconds", 1.235),
        ("restarts", 0),
    ]


def test_an_outcome_that_is_not_ok_says_why_and_what_to_type():
    report = TaskResult("offline", exit_code=7, error="it is down", hint="pm2 logs")
    data = HostResult("status", "manager", report, 0.0).data()
    assert (data["ok"], data["error"], data["hint"]) == (False, "it is down", "pm2 logs")


def test_a_task_s_own_data_never_replaces_the_common_keys():
    report = TaskResult("failed", {"ok": True, "exit_code": 0, "host": "x", "error": ""}, 1, "no")
    data = HostResult("t", "manager", report, 0.0).data()
    assert (data["ok"], data["exit_code"], data["host"], data["error"]) == (
        False,
        1,
        "manager",
        "no",
    )


@pytest.mark.parametrize(
    ("kind", "status", "exit_code", "code"),
    [
        (errors.OpsError, "failed", 1, "failed"),
        (errors.UsageError, "failed", 2, "usage"),
        (errors.ConnectionLostError, "unreachable", 3, "line-lost"),
        (errors.LockHeldError, "failed", 4, "lock-held"),
        (errors.RolledBackError, "rolled_back", 5, "rolled-back"),
        (errors.RollbackFailedError, "failed", 6, "rollback-failed"),
    ],
)
def test_an_error_becomes_a_report_with_its_own_words(kind, status, exit_code, code):
    error = kind("it did not work", "try this")
    error.details = {"backup": "backup-1"}
    details = {"backup": "backup-1"}
    assert failure(error) == TaskResult(status, details, exit_code, error.message, "try this", code)


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (TaskResult("failed", exit_code=1, code="disk-full"), "disk-full"),
        (TaskResult("rolled_back", exit_code=5), "rolled-back"),
        (failure(errors.HostError("no", code="pm2-silent")), "pm2-silent"),
    ],
)
def test_what_failed_has_a_code_for_programs(report, code):
    assert HostResult("t", "h", report, 0.0).data()["code"] == code


def test_every_kind_of_error_has_a_code_of_one_form():
    kinds = [errors.OpsError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_an_outcome_is_json():
    assert (
        json.loads(json.dumps(HostResult("t", "h", TaskResult("success"), 0.0).data()))["task"]
        == "t"
    )


def test_hints_are_typed_in_the_findings_too_and_the_rest_stays():
    found = [{"level": "fail", "text": "it is open", "hint": "close"}]
    report = TaskResult("failed", {"port": 1, "findings": found}, 7, "it is open", "close")
    typed = with_hints(report, lambda hint: f"inv {hint}")
    assert (typed.hint, typed.data["findings"][0]["hint"]) == ("inv close", "inv close")
    assert (typed.data["port"], typed.data["findings"][0]["text"]) == (1, "it is open")
    assert with_hints(TaskResult("success", {"port": 1}), str.upper).data == {"port": 1}
