import pytest

from fabfile.pure.errors import UsageError
from fabfile.pure.watching import Watched, parse_minutes


def sample(*, healthy=True, **more):
    """Return a look at the app."""
    known = {"reason": "" if healthy else "it answered 500", "latency": 0.01, "memory": 5e7}
    return {"healthy": healthy, **known, "cpu": 1.0, "restarts": 0, "crashes": 0, "at": 0.0, **more}


def watched(*samples):
    """Return the watch that saw these."""
    made = Watched()
    for one in samples:
        made.take(one)
    return made


def test_a_calm_watch_is_green_with_what_it_saw():
    report = watched(sample(), sample(latency=0.05, memory=6e7, errors=["oops"])).report()
    assert (report.status, report.exit_code) == ("online", 0)
    assert report.data["latency_ms"] == {"median": 50.0, "most": 50.0}
    assert report.data["memory_mb"] == {"first": 50.0, "last": 60.0, "most": 60.0}
    assert report.data["errors"] == 1


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
    made = Watched()
    assert [made.take(sample(healthy=mark == "+")) for mark in health] == turns
    assert made.lasting is lasting
    assert made.report().exit_code == (7 if "-" in health else 0)


def test_an_app_that_fell_between_two_looks_is_red():
    report = watched(sample(), sample(crashes=1, restarts=1)).report("bad")
    assert (report.exit_code, report.data["verdict"], report.hint) == (7, "bad", "rollback")


def test_nothing_seen_is_no_success():
    assert Watched().report().exit_code == 1


@pytest.mark.parametrize("text", ["0", "-1", "ten", "nan", "100000"])
def test_minutes_are_a_number_of_them(text):
    assert parse_minutes("0.5") == 30
    with pytest.raises(UsageError):
        parse_minutes(text)
