"""How the result of a watch looks."""

from mantodeus_ops import views
from mantodeus_ops.results import TaskResult
from tests.support.rendered import shown

WATCHED = {
    "samples": 12,
    "unhealthy": 0,
    "latency_ms": {"median": 4.5, "most": 80},
    "memory_mb": {"first": 100, "last": 142.5},
    "cpu_percent": {"most": 12},
    "restarts": 0,
    "errors": 1,
    "lost": [],
}
ILL = {
    "unhealthy": 3,
    "verdict": "unhealthy at the end",
    "lost": [{"at": 1_764_945_000, "reason": "it answered 500"}],
}


def test_a_watch_of_a_healthy_app_is_a_few_lines():
    assert shown(views.watch, TaskResult("success", WATCHED)) == (
        "● web0  success  1.0 s\n"
        "  looks     12\n"
        "  latency   median 4.5 ms, at most 80 ms\n"
        "  memory    100 MB to 142.5 MB\n"
        "  cpu       at most 12 %\n"
        "  restarts  0\n"
        "  errors    1 line in the log\n"
    )


def test_when_health_was_lost_and_why_is_a_line():
    lines = shown(views.watch, TaskResult("failed", WATCHED | ILL, 7)).splitlines()
    assert "  looks        12, 3 of them unhealthy" in lines
    assert "  health lost  2025-12-05 14:30:00 UTC: it answered 500" in lines
    assert "  verdict      unhealthy at the end" in lines


def test_a_watch_that_saw_nothing_shows_no_empty_value():
    text = shown(views.watch, TaskResult("success", {"samples": 0}))
    assert text.splitlines()[1:] == ["  looks   0", "  errors  0 lines in the log"]
