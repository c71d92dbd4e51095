import pytest

from mantodeus_ops.remote.answers.message_template import LONGEST_FACT, hint_with, sentence_with

OWN = {"project": "/srv/my app"}


def sentence(text, **facts):
    """Return the sentence, with the word secret taken out of the facts."""
    return sentence_with(text, facts, OWN, lambda found: found.replace("secret", "***"))


def hint(text, **facts):
    """Return the hint."""
    return hint_with(text, facts, OWN)


def test_a_sentence_holds_texts_numbers_and_settings():
    text = "{what} in {project} has {count:d}"
    assert sentence(text, what="the disk", count=3) == "the disk in /srv/my app has 3"


def test_a_fact_is_one_line_without_secrets_and_not_too_long():
    assert sentence("it failed: {why}", why="a secret\nword") == "it failed: a *** word"
    assert len(sentence("{why}", why="x" * 1000)) == LONGEST_FACT


def test_an_empty_fact_leaves_no_open_end():
    assert sentence("it failed: {why}", why="") == "it failed"


@pytest.mark.parametrize("count", [None, "3", 3.5, True, 10**15, -(10**15)])
def test_no_sentence_is_made_of_what_is_no_number(count):
    assert sentence("{count:d} files", count=count) is None
    assert not hint("kill {count:d}", count=count)


def test_no_sentence_is_made_without_its_facts():
    assert sentence("{what} failed") is None
    assert sentence("{what} failed", what=3) is None


def test_a_hint_quotes_our_settings():
    assert hint("ls -l {project}/{file:w}", file="dist/a.js") == "ls -l '/srv/my app'/dist/a.js"


@pytest.mark.parametrize(
    "file", ["a b", "$(id)", "-rf", "../x", "a/../x", "a/..", "", 3, "x" * 101]
)
def test_no_command_is_made_of_a_word_that_a_shell_would_read(file):
    assert not hint("rm {file:w}", file=file)
