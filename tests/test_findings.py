from mantodeus_ops.findings import Finding, findings_report
from mantodeus_ops.results import TaskResult

DOUBT, WRONG, WORSE = (
    Finding("doubtful", "look", stops=False),
    Finding("wrong", "mend"),
    Finding("worse", "mend more"),
)


def test_a_check_is_red_by_what_stops_which_is_told_first():
    report = findings_report([DOUBT, WRONG, WORSE], {"mode": "600"})
    told = [
        {"level": "fail", "text": "wrong", "hint": "mend"},
        {"level": "fail", "text": "worse", "hint": "mend more"},
        {"level": "warning", "text": "doubtful", "hint": "look"},
    ]
    data = {"findings": told, "mode": "600"}
    assert report == TaskResult("failed", data, 7, "wrong; worse", "mend")


def test_what_is_only_doubtful_makes_no_check_red():
    report = findings_report([DOUBT], {})
    assert (report.status, report.exit_code, report.error) == ("success", 0, "")
    assert [one["level"] for one in report.data["findings"]] == ["warning"]
