"""Words that scripts read and people type."""

import pytest

from mantodeus_ops.deploy.legacy_json_fields import part_words
from mantodeus_ops.text.hints import typed_hint
from mantodeus_ops.text.suggest import because, clauses, nearest, sentences


@pytest.mark.parametrize(
    ("hint", "typed"),
    [
        ("backup.list", "inv backup.list"),
        ("backup", "inv backup"),
        ("rollback --undo", "inv rollback --undo"),
        ("deploy --force-install", "inv deploy --force-install"),
        ("status", "inv status"),
        ("env.set NAME", "inv env.set NAME"),
        ("inv status", "inv status"),
        ("fab -H manager rollback", "fab -H manager rollback"),
        ("pm2 logs manager", "pm2 logs manager"),
        ("ssh manager cat file", "ssh manager cat file"),
        ("ssh -p 22 me@host", "ssh -p 22 me@host"),
        ("ssh-keygen -l -f known_hosts", "ssh-keygen -l -f known_hosts"),
        ("env", "inv env"),
        ("backups/x", "backups/x"),
        ("", ""),
    ],
)
def test_a_hint_that_begins_with_a_task_can_be_typed_as_it_stands(hint, typed):
    assert typed_hint(hint, "inv") == typed


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("deplyo", "deploy"),
        ("rolback", "deploy.rollback"),
        ("verfy", "backup.verify"),
        ("zzz", ""),
    ],
)
def test_the_nearest_name_is_found_by_its_last_part_too(word, name):
    assert nearest(word, ["deploy", "deploy.rollback", "backup.verify"], 0.6) == name


def test_where_one_must_be_named_the_nearest_is_found_however_far_it_is():
    assert nearest("projectdir", ["port", "project_dir"]) == "project_dir"
    assert nearest("", ["only"]) == "only"


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ((), ("skipped", "skipped", "skipped", "unknown")),
        ((("fetch", "ok"), ("build", "reused")), ("success", "success", "skipped", "unknown")),
        ((("reload", "ok"), ("health", "ok")), ("skipped", "skipped", "success", "healthy")),
        (
            (("build", "failed"), ("health", "failed")),
            ("skipped", "failed", "skipped", "unhealthy"),
        ),
        ((("fetch", "cut off"), ("verify", "ok")), ("skipped", "skipped", "skipped", "unknown")),
    ],
)
def test_the_parts_of_a_deploy_are_told_in_the_words_of_the_old_tool(steps, words):
    found = part_words({"name": name, "status": status} for name, status in steps)
    assert found == dict(zip(("git_pull", "build", "restart", "health"), words, strict=True))


@pytest.mark.parametrize(
    ("what", "why", "told"),
    [
        ("it failed", "no disk", "it failed: no disk"),
        ("it failed", "", "it failed"),
        ("it failed", " : \r\n", "it failed"),
    ],
)
def test_a_reason_that_is_missing_leaves_no_colon(what, why, told):
    assert clauses(what, why) == told


@pytest.mark.parametrize(
    ("what", "why", "told"),
    [
        ("unhealthy: 500", "Error: no", "unhealthy: 500; Error: no"),
        ("unhealthy: 500", "", "unhealthy: 500"),
        ("hook failed: no such table.", "no such table", "hook failed: no such table"),
        ("it died", "it died.", "it died"),
    ],
)
def test_a_reason_that_says_nothing_more_is_left_out(what, why, told):
    assert because(what, why) == told


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("it failed: it exists.", "The live app"), "it failed: it exists. The live app"),
        (("it failed...", "The live app is unchanged."), "it failed. The live app is unchanged"),
        (("", "The live app"), "The live app"),
        (("it failed:", "The live app"), "it failed. The live app"),
    ],
)
def test_sentences_end_with_one_full_stop(texts, told):
    assert sentences(*texts) == told
