import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.monitor.watch_session import WatchSession, parse_minutes
from mantodeus_ops.results import TaskResult


def sample(*, healthy=True, **more):
    """Return a look at the app."""
    known = {"reason": "" if healthy else "it answered 500", "latency": 0.01, "memory": 5e7}
    return {"healthy": healthy, **known, "cpu": 1.0, "restarts": 0, "crashes": 0, "at": 0.0, **more}


def watched(*samples):
    """Return the watch that saw these."""
    made = WatchSession()
    for one in samples:
        made.take(one)
    return made


def test_a_calm_watch_is_green_with_what_it_saw():
    report = watched(
        sample(latency=0.02, memory=60_050_010, cpu=3.0, restarts=2, crashes=1),
        sample(
            latency=0.051234,
            memory=70_050_010,
            cpu=2.0,
            restarts=3,
            crashes=1,
            errors=["oops", "o"],
        ),
        sample(latency=None, memory=51_050_010, cpu=2.26, restarts=4, crashes=1, errors=["o"]),
    ).report("good")
    assert report == TaskResult(
        "online",
        {
            "samples": 3,
            "unhealthy": 0,
            "lost": [],
            "latency_ms": {"median": 20.0, "most": 51.2},
            "memory_mb": {"first": 60.1, "last": 51.1, "most": 70.1},
            "cpu_percent": {"median": 2.3, "most": 3.0},
            "restarts": 2,
            "crashes": 0,
            "errors": 3,
            "verdict": "good",
        },
    )
    assert "verdict" not in watched(sample()).report().data


def test_counts_that_began_anew_are_no_negative_ones():
    data = watched(sample(restarts=5, crashes=5), sample(restarts=1, crashes=1)).report().data
    assert (data["restarts"], data["crashes"]) == (0, 0)


def test_a_look_that_says_no_more_than_health_has_no_reason_and_no_size():
    made = watched({"healthy": False}, {"healthy": True})
    assert made.lost == [{"at": 0.0, "reason": ""}]
    data = made.report().data
    assert data["memory_mb"] == {"first": 0.0, "last": 0.0, "most": 0.0}
    assert data["errors"] == 0


@pytest.mark.parametrize(
    ("health", "turns", "lasting"),
    [
        ("+++", ["", "", ""], False),
        ("+-+", ["", "health lost", "health regained"], False),
        ("+--", ["", "health lost", ""], True),
        ("-++", ["health lost", "health regained", ""], False),
        ("+---+", ["", "health lost", "", "", "health regained"], True),
    ],
)
def test_health_is_lost_and_regained_and_lasts_or_not(health, turns, lasting):
    made = WatchSession()
    assert [made.take(sample(healthy=mark == "+")) for mark in health] == turns
    assert made.lasting is lasting
    assert made.report().exit_code == (7 if "-" in health else 0)


@pytest.mark.parametrize(
    ("health", "lasting"), [("--++", False), ("---+", True), ("-", True), ("", False)]
)
def test_three_bad_looks_in_a_row_or_one_at_the_end_last(health, lasting):
    assert watched(*(sample(healthy=mark == "+") for mark in health)).lasting is lasting


def test_a_watch_that_saw_it_ill_tells_the_last_reason_and_what_mends_it():
    bad = [sample(healthy=False, reason=word, at=at) for at, word in enumerate(("a", "b", "c"))]
    report = watched(bad[0], sample(), bad[1], bad[2], sample()).report()
    assert report == TaskResult(
        "degraded", report.data, 7, "unhealthy in 3 of 5 samples: b", "logs --err"
    )
    assert report.data["unhealthy"] == 3
    assert report.data["lost"] == [{"at": 0, "reason": "a"}, {"at": 1, "reason": "b"}]


def test_an_app_that_fell_between_two_looks_is_red():
    report = watched(sample(), sample(crashes=2, restarts=1)).report("bad")
    text = "unhealthy in 0 of 2 samples: it crashed 2 times"
    assert report == TaskResult("degraded", report.data, 7, text, "rollback")
    assert report.data["verdict"] == "bad"


def test_nothing_seen_is_no_success():
    nothing = TaskResult("failed", {}, 1, "there are no samples of the app", "status")
    assert WatchSession().report() == nothing
    assert WatchSession().crashes == 0


@pytest.mark.parametrize("text", ["0", "-1", "ten", "nan", "1440.1"])
def test_minutes_are_a_number_of_them(text):
    assert (parse_minutes("0.5"), parse_minutes("1440")) == (30, 86_400)
    with pytest.raises(UsageError) as refused:
        parse_minutes(text)
    assert refused.value.message == "--minutes must be a number up to 1440"
    assert refused.value.hint == "monitor.watch --minutes 10"
