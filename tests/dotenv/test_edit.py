"""The writer of `.env`: what the app will read is the value, and no other byte moves."""

import json
import random

import pytest

from mantodeus_ops.dotenv.edit import (
    Edit,
    append_lines,
    checked_name,
    set_variable,
    typed_in_view,
    unset_variable,
)
from mantodeus_ops.dotenv.parse import assignments, parse_dotenv
from mantodeus_ops.errors import UsageError
from tests.dotenv.test_parse import PIECES, dotenv_modules, real_dotenv

__all__ = ["dotenv_modules"]
KINDS = "it holds all three kinds of quotes and #, or a carriage return beside what it escapes"
NO_SPELLING = f"dotenv has no spelling for this value of A: {KINDS}"

SET = [
    ("", "1", "A=1\n"),
    ("# c\n", "1", "# c\nA=1\n"),
    ("B=2", "1", "B=2\nA=1\n"),
    ("B=2\r\n", "1", "B=2\r\nA=1\r\n"),
    ("\ufeffB=2\n", "1", "\ufeffB=2\nA=1\n"),
    ("A=0\n", "1", "A=1\n"),
    ("A = 0 # zero\n", "1", "A = 1 # zero\n"),
    ("A: 0\r\n# c\r\n", "1", "A: 1\r\n# c\r\n"),
    ("  export A=0\n", "1", "  export A=1\n"),
    ("A=0\nB=2\nA=3 # last\nC=4", "1", "A=0\nB=2\nA=1 # last\nC=4"),
    ("A='0' # c\n", "1", "A='1' # c\n"),
    ("A='0'\n", "it's", 'A="it\'s"\n'),
    ("A=0\n", "a b", "A='a b'\n"),
    ("A=0 # c\n", "a#b", "A='a#b' # c\n"),
    ("A=0 # c\n", "", "A= # c\n"),
    ("A=\n'x'\n", "1", "A='1'\n"),
    ('A="x\ny" # c\nB=1\n', "1", 'A="1" # c\nB=1\n'),
    ("A=0\n", "x\ny", "A='x\ny'\n"),
    ("A=0\r\n", "x\ny", "A='x\r\ny'\r\n"),
    ("A=0\n", "x\r\ny", 'A="x\\r\\ny"\n'),
    ("A=0\n", "$HOME ${X} `id` !", "A='$HOME ${X} `id` !'\n"),
    ("A=0\n", "ends\\", "A=ends\\\n"),
    ("A=0\nB='#x'\n", "x # \\", "A=\"x # \\\"\nB='#x'\n"),
    ("A=0\n", "mysql://u:p%40@h/d?a=1&b=2", "A='mysql://u:p%40@h/d?a=1&b=2'\n"),
    ("\udcff=\udcfe\nA=0\n", "1", "\udcff=\udcfe\nA=1\n"),
    ("B=2\r\nC=3\n", "1", "B=2\r\nC=3\nA=1\n"),
    ("B=2\r\nC=3\r\nD=4\n", "1", "B=2\r\nC=3\r\nD=4\nA=1\r\n"),
    ("B=2\r", "1", "B=2\rA=1\n"),
    ("A=   \n", "1", "A=   1\n"),
    ("A=\t0\t # c\n", "1", "A=\t1\t # c\n"),
    ("A=`0`\n", "a'b", "A=`a'b`\n"),
    ('A="0"\n', "a b", 'A="a b"\n'),
    ("A='0' x\n", "1", "A=1\n"),
    ("A=0\n", "a'b\"c", "A=`a'b\"c`\n"),
    ("A=0\n", "a'b\"c`d", "A=a'b\"c`d\n"),
    ("A=0\n", "a-b_c.d/e:f@g%h+i,j=k", "A=a-b_c.d/e:f@g%h+i,j=k\n"),
    ("A=0\n", "a\rb", 'A="a\\rb"\n'),
]

UNSET = [
    ("A=1\n", ""),
    ("B=1\nA=2\nC=3\n", "B=1\nC=3\n"),
    ("B=1\r\n\r\nexport A=2 # c\r\nC=3", "B=1\r\n\r\nC=3"),
    ("A=1\nB=2\nA=3", "B=2\n"),
    ("# A=1\nA='x\ny' # c\n# d\n", "# A=1\n# d\n"),
    ("A=\n'x'\nB=1\n", "B=1\n"),
    ("B=1\n", "B=1\n"),
]


@pytest.mark.parametrize(("text", "value", "expected"), SET)
def test_sets_a_variable_and_nothing_else(text, value, expected):
    assert set_variable(text, "A", value).text == expected


@pytest.mark.parametrize(("text", "expected"), UNSET)
def test_removes_every_assignment_and_nothing_else(text, expected):
    assert unset_variable(text, "A").text == expected


def test_says_which_lines_it_changed():
    assert set_variable("A=1\n\nA=2\n", "A", "3").lines == (3,)
    assert set_variable("A=1\n\nA=2\n", "A", "2").lines == ()
    assert unset_variable("A=1\r\n\r\nA=2\n", "A").lines == (1, 3)


def test_lines_are_added_behind_a_text_in_its_own_line_ends():
    assert append_lines("", ["A=1", "B=2"]) == "A=1\nB=2\n"
    assert append_lines("X=1\r\nY=2", ["A=1", "B=2"]) == "X=1\r\nY=2\r\nA=1\r\nB=2\r\n"
    assert append_lines("X=1\r\n", ["A=1"]) == "X=1\r\nA=1\r\n"
    assert append_lines("X=1\n", []) == "X=1\n"
    assert Edit("X=1\n") == Edit("X=1\n", ())


@pytest.mark.parametrize(
    "name", ["", "A B", "1A", "é", "A-B", "A.B", "__proto__", "A?", "A\n", "A="]
)
def test_refuses_what_is_no_name(name):
    with pytest.raises(UsageError) as refused:
        checked_name(name)
    hint = "env.set A  # asks for it" if name == "A=" else "env  # lists the names"
    assert refused.value.hint == hint


def test_a_name_is_taken_as_it_is():
    assert checked_name("A_1") == "A_1"


def test_a_value_typed_with_the_name_is_not_repeated():
    with pytest.raises(UsageError) as refused:
        checked_name("TOKEN=hunter22")
    assert "hunter22" not in refused.value.message + refused.value.hint
    assert "env.set TOKEN" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "value", "told", "hint"),
    [
        ("", "a\0b", "the value holds a NUL character, which a variable cannot hold", ""),
        ("", "\ud800", "the value is not UTF-8 text", ""),
        ("", "'\"`#", NO_SPELLING, "env.check"),
        ("", '\r"#', NO_SPELLING, "env.check"),
        ("", "x" * ((1 << 20) - 2), "the file would be longer than 1048576 characters", ""),
        (
            "B='open\n",
            "a'#b",
            "A cannot be changed without other variables being read differently",
            "env.check  # names the line to fix",
        ),
    ],
)
def test_refuses_what_cannot_be_written(text, value, told, hint):
    with pytest.raises(UsageError) as refused:
        set_variable(text, "A", value)
    assert (refused.value.message, refused.value.hint) == (told, hint)


def test_a_file_may_have_a_megabyte():
    assert len(set_variable("", "A", "x" * ((1 << 20) - 3)).text) == 1 << 20


def test_a_value_on_the_command_line_is_refused_and_not_repeated():
    assert typed_in_view("TOKEN").hint == "env.set TOKEN  # asks for it"
    refusal = typed_in_view("hunter 22")
    told = "a value on the command line is visible in ps and kept in the shell's history"
    assert (refusal.message, refusal.hint) == (told, "env.set NAME  # asks for it")


def test_refuses_to_remove_what_keeps_others_apart():
    with pytest.raises(UsageError) as refused:
        unset_variable("B=\nA=1\nA=2\n'y'\n", "A")
    told = "without A (line 2, 3) other variables would be read differently"
    assert refused.value.message == told
    assert refused.value.hint == "env.check  # names the line to fix"


def files(dice):
    """Yield random small files, sane and not."""
    while True:
        yield "".join(dice.choices(PIECES, k=dice.randint(0, 30)))
        yield "# c\nPORT=3000\nA=1 # one\n\nexport B='two' \r\nC: three\n"


def pairs(count, seed):
    """Return random files with a name and a value, and what the writer makes of them."""
    dice = random.Random(seed)  # noqa: S311 - the same pairs in every run
    naughty = [one for one in PIECES if "\0" not in one]
    made = []
    for text, _ in zip(files(dice), range(count), strict=False):
        known = [one for one in parse_dotenv(text) if one.isidentifier() and one.isascii()]
        name = dice.choice([*known, "A", "NEW", "_x1"])
        value = "".join(dice.choices(naughty, k=dice.randint(0, 12)))
        made.append((text, name, value))
    return made


def written(text, name, value):
    """Return what the writer makes of it; None when it refuses."""
    try:
        return set_variable(text, name, value).text
    except UsageError:
        return None


def moved(before, after, name):
    """Return whether bytes outside of the assignment, or of the new line at the end, differ."""
    mine = [one for one in assignments(before) if one.name == name]
    if not mine:
        return not after.startswith(before)
    head, tail = before[: mine[-1].raw_begin], before[mine[-1].raw_end :]
    return not (after.startswith(head) and after.endswith(tail))


def judge(dotenv_modules, made):
    """Return what is wrong with what was written, as both real packages read it; and how many."""
    done = [(*one, written(*one)) for one in made]
    held = [one for one in done if one[3] is not None]
    before = real_dotenv(dotenv_modules, [one[0] for one in held])
    after = real_dotenv(dotenv_modules, [one[3] for one in held])
    wrong = [
        (one, then, now)
        for one, then, now in zip(held, before, after, strict=True)
        if now != [then[0] | {one[1]: one[2]}] * 2 or moved(one[0], one[3], one[1])
    ]
    return wrong, len(held)


def test_ten_thousand_random_values_are_read_by_both_real_dotenv_packages(dotenv_modules):
    wrong, held = judge(dotenv_modules, pairs(10_000, 1))
    assert wrong[:3] == []
    assert held > 7_000


@pytest.mark.soak
def test_a_hundred_thousand_random_values_are_read_by_both_real_dotenv_packages(dotenv_modules):
    wrong, held = judge(dotenv_modules, pairs(100_000, 2))
    assert wrong[:3] == []
    assert held > 70_000


def test_whatever_any_file_can_say_can_be_written():
    dice = random.Random(3)  # noqa: S311 - the same files in every run
    texts = ("".join(dice.choices(PIECES, k=dice.randint(1, 24))) for _ in range(20_000))
    values = {value for text in texts for value in parse_dotenv(text).values()}
    # A line separator of Unicode between quotes is the one thing that nobody misses.
    lost = [one for one in values if written("", "A", one) is None and "\0" not in one]
    assert [one for one in lost if "\u2028" not in one and "\u2029" not in one] == []
    assert len(values) > 4_000


def test_the_writer_of_python_would_have_been_misread(dotenv_modules):
    """Why there is a writer of our own: single quotes escaped as Python does are no such thing."""
    texts = ["A='it\\'s'\n", "A=" + json.dumps('say "hi"') + "\n"]
    read = [one[0]["A"] for one in real_dotenv(dotenv_modules, texts)]
    assert read == ["it\\'s", 'say \\"hi\\"']
