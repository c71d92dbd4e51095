import json

import pytest

from mantodeus_ops.remote.answers.decode import UnexpectedError
from mantodeus_ops.remote.answers.events import event_of
from mantodeus_ops.remote.answers.programs import (
    _ANSWERS,
    _RESULTS,
    _WORDS,
    answered,
    last_line,
    resulted,
    words_of,
)
from tests.support.healthy_answers import ANSWERS
from tests.support.host_facts import facts_of
from tests.support.house import PROGRAMS, name_of

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
SURVEY = (
    "user\tme\t1000\t\nshell\t\t/bin/sh\t\npath\t/bin\t\t\nfound\tpath\t\nproject\tyes\tyes\t7\n"
)


@pytest.mark.parametrize("program", KNOWN)
def test_no_junk_is_an_answer_of_a_program_that_is_read(program):
    for junk in JUNK:
        with pytest.raises(UnexpectedError):
            answered(program, junk)


def test_the_facts_of_a_healthy_host_are_an_answer():
    assert answered("app/facts", facts_of())["user"] == "me"


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
        answered("app/facts", facts_of(**change))


def test_a_line_of_the_history_that_does_not_fit_takes_no_others_along():
    seen = answered("app/facts", facts_of(history=[None, 5, {"at": "x"}, {"task": "deploy"}]))
    assert seen["history"] == [{"task": "deploy"}]


def test_the_answer_is_the_last_line_whatever_ends_lines_elsewhere():
    text = "a\u2028b\u2029c\x85d\x0be"
    said = "banner\n" + json.dumps({"subject": text}, ensure_ascii=False) + "\n"
    assert last_line(said) == {"subject": text}


def test_who_holds_the_lock_is_needed_of_one_that_is_held():
    free = {"verdict": "free", "jobs": []}
    assert answered("transaction/lock_command take", {"held": True, "before": None})["held"]
    assert not answered("transaction/lock_command take", {"held": False, "holder": free})["held"]
    for torn in ({"held": True}, {"held": False}, {"held": False, "holder": None}):
        with pytest.raises(UnexpectedError):
            answered("transaction/lock_command take", torn)


def test_the_result_of_a_job_is_held_to_its_program():
    assert (
        resulted("transaction/activate", '{"steps":[{"name":1}],"status":"success"}')["steps"] == []
    )
    assert resulted("backup/verify", '{"results":[]}') == {"results": []}
    assert resulted("deploy/boot_test", '{"any":[1]}') == {"any": [1]}
    for program, junk in (
        ("transaction/activate", '{"errors":5}'),
        ("backup/verify", "{}"),
        ("deploy/boot_test", "[1]"),
    ):
        with pytest.raises(UnexpectedError):
            resulted(program, junk)


def test_an_event_is_held_to_its_program():
    assert event_of("monitor/logs", {"env": "A=1"}) == {"env": "A=1"}
    assert event_of("monitor/watch", {"beat": 3}) == {"beat": 3}
    for program, junk in (
        ("monitor/logs", {"line": 5}),
        ("monitor/watch", {"sample": {"healthy": True}}),
        ("monitor/wait_healthy", {"result": None}),
        ("monitor/wait_healthy", []),
        ("monitor/logs", None),
    ):
        with pytest.raises(UnexpectedError):
            event_of(program, junk)


def test_words_are_held_to_their_program():
    answer = words_of("ssh/host_requirements", SURVEY)
    assert answer["project"] == [["yes", "yes", "7"]]
    assert answer["tool"] == []


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("ssh/host_requirements", ""),
        ("ssh/host_requirements", SURVEY.replace("\t7", "\t" + "7" * 5000)),
        ("ssh/host_requirements", SURVEY.replace("\tyes\tyes\t7", "\tyes")),
        ("ssh/authorized_keys show", "uid\tx\nagent\t\nsum\t\ncontent\t\n"),
        ("ssh/authorized_keys show", "uid\t1\nagent\t\nsum\t\ncontent\t*\n"),
        ("ssh/authorized_keys show", "uid\t1\nagent\t\nsum\t\ncontent\t\nplace\t9\t1\t/\n"),
        ("webhook/find_python look", "python\tyes\n"),
    ],
)
def test_words_of_another_form_are_no_answer(program, said):
    with pytest.raises(UnexpectedError):
        words_of(program, said)


@pytest.mark.parametrize(
    "odd", [{"since": "x"}, {"since": None}, {"state": []}, {"state": {}}, {"sequence": [1]}]
)
def test_what_a_rollback_chooses_by_is_of_its_kind(odd):
    backup = next(iter(ANSWERS["backup/list_states"]["backups"]))
    with pytest.raises(UnexpectedError):
        answered("backup/list_states", ANSWERS["backup/list_states"] | {"backups": [backup | odd]})


@pytest.mark.parametrize("odd", [{"state": []}, {"state": 5}, {"sequence": "x"}])
def test_what_was_moved_aside_with_odd_values_is_left_out(odd):
    (kept,) = ANSWERS["app/facts"]["previous"]
    bad = {**kept, "run": "odd", "state": kept["state"] | odd}
    found = answered("app/facts", ANSWERS["app/facts"] | {"previous": [bad, kept]})
    assert [one["run"] for one in found["previous"]] == [kept["run"]]


@pytest.mark.parametrize("program", sorted(ANSWERS))
def test_what_the_hostile_answers_are_made_of_is_an_answer(program):
    assert answered(program, ANSWERS[program])


def test_an_answer_is_expected_of_programs_that_exist():
    names = {name.partition(" ")[0] for table in (_ANSWERS, _RESULTS, _WORDS) for name in table}
    assert names - {"asked"} <= {name_of(path) for path in PROGRAMS}
