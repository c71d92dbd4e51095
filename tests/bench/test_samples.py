import pytest

from bench.samples import Bar, BenchError, Deploy, Probe, Row, healthy_after, outage, step_rows


def probes(answers, pid=7):
    return [Probe(turn, turn + 0.1, ok, pid if ok else 0) for turn, ok in enumerate(answers)]


@pytest.mark.parametrize(
    ("answers", "failed", "seconds"),
    [
        ([], 0, 0),
        ([True, True], 0, 0),
        ([True, False, False, True], 2, 2),
        ([False, True, True, False, True], 2, 2),
        ([True, False, False], 2, 1.1),
    ],
)
def test_an_outage_lasts_from_a_failed_request_to_the_next_good_one(answers, failed, seconds):
    seen = outage(reversed(probes(answers)))
    assert (seen.asked, seen.failed) == (len(answers), failed)
    assert seen.seconds == pytest.approx(seconds)


def test_only_another_process_than_before_counts_as_the_restarted_one():
    old = [Probe(0, 0.1, ok=True, pid=1), Probe(2, 2.1, ok=True, pid=1)]
    new = [Probe(3, 3.1, ok=False), Probe(4, 4.5, ok=True, pid=2)]
    assert healthy_after([*new, *old], began=1.0) == pytest.approx(3.5)


def test_a_restart_that_nobody_answers_is_not_a_result():
    with pytest.raises(BenchError):
        healthy_after(probes([True, True, False]), began=0.5)


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (None, None),
        (Bar(0.5, "ratio", ""), True),
        (Bar(0.4, "ratio", ""), False),
        (Bar(2, "median", ""), True),
        (Bar(8, "worst", ""), False),
        (Bar(9, "worst", ""), True),
    ],
)
def test_a_bar_holds_the_ratio_the_median_or_the_worst(bar, met):
    assert Row("deploy", "s", (1, 2, 9), (4, 3, 5), bar).met is met


@pytest.mark.parametrize("plain", [(), (0, 0, 0)])
def test_there_is_no_ratio_to_nothing(plain):
    row = Row("failed", "req", (1, 2), plain, Bar(1, "ratio", ""))
    assert row.ratio is None
    assert row.met is None


def test_what_only_the_plain_way_does_has_no_ratio():
    row = Row("tar -xzf", "s", (), (1, 2))
    assert (row.ratio, row.met, row.data()["ours"]) == (None, None, None)


def test_a_row_as_json_keeps_every_value():
    data = Row("status", "s", (1.0, 3.0, 2.0), (4.0,)).data()
    assert data["ours"] == {"median": 2.0, "min": 1.0, "max": 3.0, "values": [1.0, 3.0, 2.0]}
    assert (data["ratio"], data["bar"], data["met"]) == (0.5, None, None)


def test_our_own_seconds_leave_out_what_the_app_needs():
    names = {"fetch": 1.0, "install": 2.0, "build": 3.0, "boot": 1.0, "health": 3.5}
    steps = [{"name": name, "seconds": seconds} for name, seconds in names.items()]
    deploy = Deploy.of(12.0, {"steps": steps})
    assert deploy.own(0.5) == pytest.approx(5.5)
    assert deploy.waited(0.5) == pytest.approx(3.0)
    assert deploy.between == pytest.approx(1.5)


def test_each_step_is_a_row_and_what_lies_between_them_is_the_last():
    first, second = Deploy(3.0, {"fetch": 1.0}), Deploy(5.0, {"fetch": 1.0, "swap": 2.0})
    rows = {row.what: row.ours for row in step_rows([first, second])}
    assert rows == {"fetch": (1.0, 1.0), "swap": (0.0, 2.0), "between the steps": (2.0, 2.0)}
