"""A secret of .env is known before anything is kept or told, in programs that never use .env."""

from __future__ import annotations

import json
import os

import pytest

from tests.support.project_dir import Project

SECRET = "c4nary-5ecret-value"
HIDDEN = "[secret]"
PAST = {"task": "deploy", "status": "success", "run": "r", "who": f"me {SECRET}", "ref": SECRET}


@pytest.fixture
def project(tmp_path):
    """Return an app whose .env holds a secret."""
    return Project(tmp_path).fill(**{".env": f"API_TOKEN={SECRET}\n"})


def answer(project, program, **params):
    """Return what a program answers."""
    done = project.run(program, before=["timeout", "20"], job="", **params)
    assert done.code == 0, done.out
    return json.loads(done.out.splitlines()[-1])


def freeze(project):
    """Return what came of a freeze whose reason is the secret."""
    record = {"token": "one", "task": "freeze", "who": SECRET, "reason": f"for {SECRET} only"}
    return answer(project, "transaction/lock_command", step="freeze", record=record)


def kept(project):
    """Return all that is kept of the tool's own, as one text."""
    files = [path for path in (project.root / ".deploy").rglob("*") if path.is_file()]
    return "".join(path.read_text(errors="replace") for path in files)


def test_the_reason_of_a_freeze_is_masked_before_it_is_kept_and_shown(project):
    told = freeze(project)
    assert told["reason"] == f"for {HIDDEN} only"
    assert SECRET not in json.dumps(told)
    assert SECRET not in kept(project)


def test_a_secret_that_came_after_the_freeze_is_told_as_one(project):
    env = project.root / ".env"
    text = env.read_text()
    env.write_text("PORT=1\n")
    freeze(project)
    env.write_text(text)
    seen = answer(project, "transaction/lock_command", step="read", record={})
    assert SECRET in seen["reason"]
    assert SECRET in seen["secrets"]


@pytest.mark.parametrize("where", ["who", "ref", "reason", "from", "error"])
def test_the_history_holds_no_secret_whatever_field_brought_it(project, where):
    answer(
        project, "transaction/record", history={**PAST, "who": "", "ref": "", where: f"x {SECRET}"}
    )
    assert SECRET not in kept(project)
    assert HIDDEN in kept(project)


@pytest.mark.parametrize("secret", [SECRET, 'quo"ted\\and"ba\\ck', "pass word/with?&="])
def test_an_old_record_that_holds_a_secret_is_told_together_with_it(project, secret):
    (project.root / ".env").write_text(f"API_TOKEN='{secret}'\n")
    line = json.dumps({"at": 1, "task": "deploy", "status": secret})
    (project.root / ".deploy/history.jsonl").write_text(f"{line}\n")
    seen = answer(project, "fleet/host_state", want=[])
    assert seen["last"]["status"] == secret
    assert seen["secrets"] == [secret]


def test_an_answer_without_a_secret_tells_none(project):
    answer(project, "transaction/record", history={**PAST, "who": "", "ref": ""})
    assert "secrets" not in answer(project, "fleet/host_state", want=[])


def test_a_backup_keeps_no_branch_and_no_reason_that_hold_a_secret(project):
    about = {"revision": "a" * 40, "verdict": "good", "live": None, "tool": "0"}
    done = project.run("backup/create", about={**about, "branch": f"x/{SECRET}", "reason": SECRET})
    made = project.manifest(done.result["name"])
    assert (made["branch"], made["reason"]) == ("", HIDDEN)
    assert SECRET not in done.out


@pytest.mark.parametrize("what", ["pipe", "directory", "link"])
def test_an_env_that_is_no_file_makes_nothing_wait(project, what):
    env = project.root / ".env"
    env.unlink()
    {"pipe": os.mkfifo, "directory": os.mkdir, "link": lambda at: at.symlink_to("x")}[what](env)
    assert answer(project, "fleet/host_state", want=[])["live"] == ""


def test_what_an_app_says_is_not_shown_where_its_secrets_are_not_known(project):
    answer = {"healthy": False, "status": 500, "reason": SECRET, "body": SECRET}
    why = {"error": SECRET, "refusal": {"code": "pm2-not-listed", "facts": {"why": SECRET}}}
    tell = f"reply([withoutAnswer({json.dumps(answer)}), withoutWords({json.dumps(why)})]);"
    answered, listed = json.loads(project.run("app/facts", after=tell).out)
    assert answered["reason"] == "it answered 500; what it said is not shown"
    assert listed["refusal"] == {"code": "pm2-not-listed", "facts": {"why": ""}}
    assert SECRET not in json.dumps([answered, listed])
