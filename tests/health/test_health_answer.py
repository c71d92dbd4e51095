"""Which answer to a health check is the right one, and how a wrong one is shown."""

from __future__ import annotations

import json

import pytest

from tests.support.project_dir import Project, need

JUDGED = """
for (const [answer, health] of params.cases) {
  params.health = health;
  reply({ right: isRight(answer), why: isRight(answer) ? '' : reasonOf(answer) });
}
"""
OK = '{"status": "ok", "checks": {"db": {"up": true}, "a.b": 1}, "list": ["x"]}'
PAGE = "<!DOCTYPE html><html><head><title>Error</title></head><body><pre>Cannot GET /x</pre></body>"
NOT_JSON = "it answered 200, but its body is not JSON: fine"
CASES = [
    ({"status": 200, "body": "ok"}, {}, ""),
    ({"status": 204, "body": ""}, {}, "it answered 204: an empty body"),
    ({"status": 200, "body": "ok"}, {"body": "^ok$"}, ""),
    ({"status": 200, "body": "no"}, {"body": "ok"}, "it answered 200, but not with ok: no"),
    ({"status": 200, "body": OK}, {"json": [["status", "ok"], ["checks.db.up", True]]}, ""),
    ({"status": 200, "body": OK}, {"json": [["checks.a.b", 1], ["list.0", "x"]]}, ""),
    (
        {"status": 200, "body": OK},
        {"json": [["status", "up"]]},
        f'it answered 200, but status is "ok", not "up": {OK}',
    ),
    (
        {"status": 200, "body": OK},
        {"json": [["checks.db.up", "true"]]},
        f'it answered 200, but checks.db.up is true, not "true": {OK}',
    ),
    (
        {"status": 200, "body": OK},
        {"json": [["constructor.name", "x"]]},
        f'it answered 200, but constructor.name is missing, not "x": {OK}',
    ),
    ({"status": 200, "body": "fine"}, {"json": [["status", "ok"]]}, NOT_JSON),
    (
        {"status": 301, "location": "https://h/", "body": ""},
        {},
        "it answered 301 to https://h/: an empty body",
    ),
    ({"status": 404, "type": "text/html", "body": PAGE}, {}, "it answered 404: Cannot GET /x"),
    ({"status": 0, "error": "late"}, {}, "late"),
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Return what is said of each case, in order."""
    need("node")
    cases = [(answer, health) for answer, health, _ in CASES]
    project = Project(tmp_path_factory.mktemp("answers"))
    done = project.run("health/health_answer", after=JUDGED, cases=cases, health={})
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_an_answer_is_right_or_its_reason_is_shown(judged, number):
    why = CASES[number][2]
    assert judged[number] == {"right": why == "", "why": why}
