"""What holds of names and words, and of the files that contributors look for."""

import re
import tomllib

import pytest

from tests.support.house import CHECKOUT
from tests.support.house_figures import MOST_ANY, any_in_signatures
from tests.support.house_words import (
    FORBIDDEN,
    NAMES,
    occurrences,
    unknown_names,
)
from tests.support.pure_tests import untested

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
PYTHONS = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))


@pytest.mark.parametrize("word", FORBIDDEN)
def test_a_word_that_was_given_up_stays_away(word):
    assert occurrences(word) == [], "docs/architecture.md has the word to use"


def test_the_words_are_found_as_parts_of_names_and_sentences(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(
        "told untold toldAll isTold AS_TOLD Told.\nkeeper.pid and lockKeeper\nkeepers\n"
    )
    monkeypatch.setattr("tests.support.house_words.written", lambda: [page])
    monkeypatch.setattr("tests.support.house_words.CHECKOUT", tmp_path)
    assert occurrences("told") == ["page.md:1"] * 5
    assert occurrences("keeper*") == ["page.md:2", "page.md:3"]


def test_a_file_is_named_in_words_of_the_field():
    assert unknown_names() == [], f"a word of the field goes into {NAMES.relative_to(CHECKOUT)}"


def test_every_module_with_functions_has_tests_at_its_path():
    assert untested() == []


def test_any_is_in_hardly_any_signature():
    assert len(any_in_signatures()) <= MOST_ANY


def test_the_workflow_runs_every_python_that_is_supported():
    text = (CHECKOUT / ".github/workflows/check.yml").read_text()
    matrices = re.findall(r"python: \[(.*)\]", text)
    assert [re.findall(r"[\d.]+", matrix) for matrix in matrices] == [PYTHONS, PYTHONS]


def test_what_contributing_names_exists():
    text = (CHECKOUT / "CONTRIBUTING.md").read_text()
    targets = re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    typed = re.findall(r"`make ([a-z ]+)", text)
    assert {name for words in typed for name in words.split()} <= set(targets)
    paths = re.findall(
        r"\]\(([^)#]+)\)|(?<![\w./-])((?:tests|sandbox|mantodeus_ops)/[\w./-]+)", text
    )
    missing = [path for pair in paths if not (CHECKOUT / (path := pair[0] or pair[1])).exists()]
    assert missing == []
    modules = re.findall(r"python -m (tests[\w.]+)", text)
    assert all((CHECKOUT / f"{name.replace('.', '/')}.py").exists() for name in modules)


def test_security_leads_to_how_a_vulnerability_is_reported():
    assert "docs/security.md" in (CHECKOUT / "SECURITY.md").read_text()
    assert "\n## Reporting\n" in (CHECKOUT / "docs/security.md").read_text()
