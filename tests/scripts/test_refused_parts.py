"""A part of an answer that there is none of: a code and facts, of which a sentence is made."""

import json

import pytest

from fabfile.pure.host_codes import host_error, with_sentences
from tests.scripts.project import Project

OWN = {"host": "web", "project": "/srv/app", "app": "shop"}
SILENT = "{ throw refuse('pm2-silent', { pid: 7 }); }"
TOLD = {
    "app": "shop",
    "branch": "main",
    "health_url": "http://127.0.0.1:1/",
    "health": {"wait": 0, "retries": 1, "delay": 0, "timeout": 1},
    "build_outputs": [],
    "env_example": ".env.example",
    "want": ["health"],
    "seconds": 0.01,
}


def answers(project, program, stub):
    """Return what a program answers where PM2's daemon does not."""
    after = f"async function {stub}() {SILENT}\nfunction pm2Daemon() {{ return 7; }}"
    done = project.run(program, job="", after=after, **TOLD)
    assert done.code == 0, done.out
    lines = [json.loads(line) for line in done.said]
    return [with_sentences(line, lambda part: host_error(part, OWN).message) for line in lines]


@pytest.mark.parametrize(
    ("program", "stub", "places"),
    [
        ("look", "pm2Facts", [("pm2", "error"), ("health", "reason")]),
        ("watch", "seenNow", [("sample", "reason")]),
        ("wait", "listApp", [("result", "reason")]),
        ("variables", "listEntries", [("process", "error")]),
    ],
)
def test_a_daemon_that_is_silent_is_a_sentence_wherever_it_is_shown(
    tmp_path, program, stub, places
):
    *_, told = answers(Project(tmp_path).fill(), program, stub)
    for part, key in places:
        assert told[part][key] == "the PM2 daemon (process 7) does not answer"
        assert "refusal" not in told[part]


@pytest.mark.parametrize("refusal", [None, 5, [], {"code": "no-such"}, {"code": 7, "facts": 8}])
def test_a_refusal_of_no_known_form_is_one_sentence(refusal):
    answer = {"pm2": {"error": "x", "refusal": refusal}, "refusal": {"a": 1}, "now": 5}
    told = with_sentences(answer, lambda part: host_error(part, OWN).message)
    assert told == {**answer, "pm2": {"error": "web sent an unexpected answer"}}
