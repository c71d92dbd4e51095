import json

import pytest

from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.programs import last_line, result_of
from tests.support import house
from tests.support.healthy_answers import ANSWERS
from tests.support.host_facts import facts_of
from tests.support.host_programs import PROGRAMS

JUNK = (None, 5, True, "x", [], [1, 2], {}, {"held": True}, {"verdict": None})
KNOWN = (
    "app/facts",
    "fleet/host_state",
    "backup/list_states",
    "backup/restore_check",
    "env/env_facts",
    "deploy/resolve_ref",
    "transaction/record",
    "monitor/disk_cleanup",
    "deploy/record_stage",
    "deploy/save_patch",
    "backup/locate",
    "backup/begin_upload",
    "webhook/inspect_receiver",
    "webhook/start_receiver",
    "transaction/lock_command take",
    "transaction/lock_command freeze",
    "transaction/lock_command release",
)


def decode_answer(program, answer):
    """Return the answer as it is read; a program that does several things is named by its step."""
    labels = [label for label in PROGRAMS if program in {label, label.partition(" ")[2]}]
    return PROGRAMS[labels[0]].reader(answer)


def decode_result(program, said):
    """Return the result of a job as it is read."""
    return result_of(PROGRAMS[program], said)


@pytest.mark.parametrize("program", KNOWN)
def test_no_junk_is_an_answer_of_a_program_that_is_read(program):
    for junk in JUNK:
        with pytest.raises(UnexpectedError):
            decode_answer(program, junk)


def test_a_backup_was_made_as_a_whole_or_there_was_nothing_to_save():
    manifest = ANSWERS["backup/list_states"]["backups"][0]
    assert decode_result("backup/create", json.dumps(manifest)) == manifest
    assert decode_result("backup/create", '{"name": ""}') == {"name": ""}
    assert decode_result("backup/create", "{}") == {}
    with pytest.raises(UnexpectedError):
        decode_result("backup/create", json.dumps({"name": manifest["name"]}))


def test_the_facts_of_a_healthy_host_are_an_answer():
    assert decode_answer("app/facts", facts_of())["user"] == "me"


@pytest.mark.parametrize(
    "change",
    [
        {"now": "soon"},
        {"pm2": None},
        {"pm2": {"daemon": True, "workers": [{"status": "online"}]}},
        {"git": {"present": True, "dirty": "a.txt"}},
        {"env": {"present": True, "mode": "rw"}},
        {"disk": {"free": None}},
        {"live": "v1"},
        {"backups": [None]},
        {"history": None},
        {"crashes": {"count": "many"}},
    ],
)
def test_facts_of_a_wrong_type_are_no_answer(change):
    with pytest.raises(UnexpectedError):
        decode_answer("app/facts", facts_of(**change))


def test_a_line_of_the_history_that_does_not_fit_takes_no_others_along():
    seen = decode_answer("app/facts", facts_of(history=[None, 5, {"at": "x"}, {"task": "deploy"}]))
    assert seen["history"] == [{"task": "deploy"}]


def test_the_answer_is_the_last_line_whatever_ends_lines_elsewhere():
    text = "a\u2028b\u2029c\x85d\x0be"
    said = "banner\n" + json.dumps({"subject": text}, ensure_ascii=False) + "\n"
    assert last_line(said) == {"subject": text}


def test_who_holds_the_lock_is_needed_of_one_that_is_held():
    free = {"verdict": "free", "jobs": []}
    assert decode_answer("transaction/lock_command take", {"held": True, "before": None})["held"]
    assert not decode_answer("transaction/lock_command take", {"held": False, "holder": free})[
        "held"
    ]
    for torn in ({"held": True}, {"held": False}, {"held": False, "holder": None}):
        with pytest.raises(UnexpectedError):
            decode_answer("transaction/lock_command take", torn)


def test_the_result_of_a_job_is_held_to_its_program():
    assert (
        decode_result("transaction/activate", '{"steps":[{"name":1}],"status":"success"}')["steps"]
        == []
    )
    assert decode_result("backup/verify", '{"results":[]}') == {"results": []}
    assert decode_result("deploy/boot_test", '{"any":[1]}') == {"any": [1]}
    for program, junk in (
        ("transaction/activate", '{"errors":5}'),
        ("backup/verify", "{}"),
        ("deploy/boot_test", "[1]"),
    ):
        with pytest.raises(UnexpectedError):
            decode_result(program, junk)


@pytest.mark.parametrize(
    "odd", [{"since": "x"}, {"since": None}, {"state": []}, {"state": {}}, {"sequence": [1]}]
)
def test_what_a_rollback_chooses_by_is_of_its_kind(odd):
    backup = next(iter(ANSWERS["backup/list_states"]["backups"]))
    with pytest.raises(UnexpectedError):
        decode_answer(
            "backup/list_states", ANSWERS["backup/list_states"] | {"backups": [backup | odd]}
        )


@pytest.mark.parametrize("odd", [{"state": []}, {"state": 5}, {"sequence": "x"}])
def test_what_was_moved_aside_with_odd_values_is_left_out(odd):
    (kept,) = ANSWERS["app/facts"]["previous"]
    bad = {**kept, "run": "odd", "state": kept["state"] | odd}
    found = decode_answer("app/facts", ANSWERS["app/facts"] | {"previous": [bad, kept]})
    assert [one["run"] for one in found["previous"]] == [kept["run"]]


@pytest.mark.parametrize("program", sorted(ANSWERS))
def test_what_the_hostile_answers_are_made_of_is_an_answer(program):
    assert decode_answer(program, ANSWERS[program])


def test_an_answer_is_expected_of_programs_that_exist():
    names = {program.name for program in PROGRAMS.values()}
    assert names - {"asked"} <= {house.name_of(path) for path in house.PROGRAMS}
