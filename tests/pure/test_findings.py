from fabfile.pure.findings import Finding, findings_report

DOUBT, WRONG, WORSE = (
    Finding("doubtful", "look", stops=False),
    Finding("wrong", "mend"),
    Finding("worse", "mend more"),
)


def test_a_check_is_red_by_what_stops_which_is_told_first():
    report = findings_report([DOUBT, WRONG, WORSE], {"mode": "600"})
    assert (report.status, report.exit_code) == ("failed", 7)
    assert (report.error, report.hint) == ("wrong; worse", "mend")
    assert report.data["mode"] == "600"
    assert report.data["findings"] == [
        {"level": "fail", "text": "wrong", "hint": "mend"},
        {"level": "fail", "text": "worse", "hint": "mend more"},
        {"level": "warning", "text": "doubtful", "hint": "look"},
    ]


def test_what_is_only_doubtful_makes_no_check_red():
    report = findings_report([DOUBT], {})
    assert (report.status, report.exit_code, report.error) == ("success", 0, "")
    assert [one["level"] for one in report.data["findings"]] == ["warning"]
