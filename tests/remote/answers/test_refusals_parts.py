"""A part of an answer that there is none of: a code and facts, of which a sentence is made."""

import json

import pytest

from mantodeus_ops.remote.answers.refusals import host_error, with_sentences
from tests.support.project_dir import Project

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
    stubs = f"async function {stub}() {SILENT}\nfunction pm2Daemon() {{ return 7; }}"
    done = project.run(program, job="", after=f"{stubs}\nrunMain(main);", **TOLD)
    assert done.code == 0, done.out
    lines = [json.loads(line) for line in done.said]
    return [with_sentences(line, lambda part: host_error(part, OWN).message) for line in lines]


@pytest.mark.parametrize(
    ("program", "stub", "places"),
    [
        ("app/facts", "pm2Facts", [("pm2", "error"), ("health", "reason")]),
        ("monitor/watch", "sample", [("sample", "reason")]),
        ("monitor/wait_healthy", "listApp", [("result", "reason")]),
        ("env/env_facts", "listEntries", [("process", "error")]),
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


OUTPUT = "[PM2] Applying action\nError: spawn node ENOENT\n    at x (y.js:1)\nexit status 1\n"
FAILS = (
    f"demand(Promise.resolve({{ code: 3, stdout: '', stderr: {json.dumps(OUTPUT)} }}), 'pm2 start')"
)


def test_the_reason_of_pm2_is_found_in_all_that_it_printed(tmp_path):
    done = Project(tmp_path).fill().run("pm2/lifecycle", after=f"{FAILS}.catch(fail);")
    assert done.result["code"] == "command-failed"
    told = host_error(done.result, OWN).message
    assert told == "pm2 start failed (exit 3): Error: spawn node ENOENT"


@pytest.mark.parametrize("call", ["git(['checkout', '--quiet', 'nothing'])", f"await {FAILS}"])
def test_what_a_program_of_a_commit_printed_stays_apart_from_the_sentence(tmp_path, call):
    shown = "(error) => print(JSON.stringify(incompleteRevert(error)))"
    after = f"(async () => {{ {call}; }})().catch({shown});"
    done = Project(tmp_path).fill().run("transaction/revert", after=after, task="takeback")
    told = json.loads(done.said[-1])
    assert "\n" not in told["reason"]
    assert told["said"]
    assert told["said"][0] not in told["reason"]
