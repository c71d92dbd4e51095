"""The reader of `.env`, against a table and against the dotenv that apps use."""

import json
import random
import subprocess

import pytest

from mantodeus_ops.dotenv.parse import assignments, parse_dotenv

TABLE = [
    ("", {}),
    ("A=1", {"A": "1"}),
    ("A=1\nB=2\n", {"A": "1", "B": "2"}),
    ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    ("A=1\rB=2", {"A": "1", "B": "2"}),
    ("\ufeffA=1\n\ufeffB=2", {"A": "1", "B": "2"}),
    ("A = 1 ", {"A": "1"}),
    ("A: 1", {"A": "1"}),
    ("A:1", {}),
    ("A :1", {}),
    ("A", {}),
    ("A B=1", {}),
    ("é=1", {}),
    ("1A=1\nx.y-z=2", {"1A": "1", "x.y-z": "2"}),
    ("export A=1\nexport\tB=2", {"A": "1", "B": "2"}),
    ("exportA=1", {"exportA": "1"}),
    ("export=1", {"export": "1"}),
    ("# A=1\n  # B=2\nC=3", {"C": "3"}),
    ("A=1\nA=2", {"A": "2"}),
    ("A=", {"A": ""}),
    ("A=\nB=2", {"A": "", "B": "2"}),
    ('A=\n"secret"\nB=2', {"A": "secret", "B": "2"}),
    ("A=a#b", {"A": "a"}),
    ("A=a b # c", {"A": "a b"}),
    ('A="a#b" # c', {"A": "a#b"}),
    ("A='a#b'#c", {"A": "a#b"}),
    ('A=`it\'s "so"`', {"A": 'it\'s "so"'}),
    ('A="a" b', {"A": '"a" b'}),
    ('A="one\ntwo"', {"A": "one\ntwo"}),
    (r'A="one\ntwo\rthree\tfour"', {"A": "one\ntwo\rthree\\tfour"}),
    (r"A='one\ntwo'", {"A": r"one\ntwo"}),
    (r"A=one\ntwo", {"A": r"one\ntwo"}),
    (r'A="say \"hi\""', {"A": r"say \"hi\""}),
    (r"A='it\'s'", {"A": r"it\'s"}),
    ('A="open\nB=2', {"A": '"open', "B": "2"}),
    ("A='open # x", {"A": "'open"}),
    ("A='ends\\'\nB='#x'", {"A": "ends\\'\nB="}),
    ("A=\u00a0x\u2028\u3000", {"A": "x"}),
    ("A=\x85x\x1c", {"A": "\x85x\x1c"}),
    ("A=$HOME ${X} `id`", {"A": "$HOME ${X} `id`"}),
    ("__proto__=1\nA=2", {"A": "2"}),
    ("constructor=1", {"constructor": "1"}),
    ("postgres=postgres://u:p@h/d?x=1", {"postgres": "postgres://u:p@h/d?x=1"}),
]

PLACES = "# c\r\nA = 1 # one\r\n\r\nexport B='x\r\ny' # two\r\nC=\r\nD:\t'\u00a0'"
PIECES = [
    *"AB=:#'\"`\\ \t\n\r$.-é\0\v\f",
    *("A=", "B='", 'C="', "D=`", "export ", "\\n", "\\r", "\\'", '\\"', "\\`", "\r\n", "__proto__"),
    *("\u00a0", "\u2028", "\u2029", "\ufeff", "\u180e", "\u200b", "\x85", "\x1c", "\u3000", "😀"),
]

PARSE = """
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const parsers = ['dotenv16', 'dotenv17'].map((name) => require(name).parse)
console.log(JSON.stringify(texts.map((text) => parsers.map((parse) => parse(text)))))
"""


@pytest.fixture(scope="session")
def dotenv_modules(tmp_path_factory):
    """Return a folder with the two real dotenv packages; without node or npm this is an error."""
    folder = tmp_path_factory.mktemp("dotenv")
    packages = ["dotenv16@npm:dotenv@16.6.1", "dotenv17@npm:dotenv@17.4.2"]
    options = [
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--no-package-lock",
        "--prefer-offline",
    ]
    subprocess.run(
        ["npm", "install", "--prefix", folder, *options, *packages], check=True, cwd=folder
    )
    return folder


def real_dotenv(folder, texts):
    """Return, for each text, what dotenv 16 and dotenv 17 make of it."""
    node = ["node", "-e", PARSE]
    done = subprocess.run(node, check=True, cwd=folder, input=json.dumps(texts).encode(), stdout=-1)
    return json.loads(done.stdout)


def random_texts(count):
    """Return this many small files made of the pieces that the parser can trip over."""
    dice = random.Random(20251205)  # noqa: S311 - the same files in every run
    return ["".join(dice.choices(PIECES, k=dice.randint(1, 24))) for _ in range(count)]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_reads_a_file_as_dotenv_does(text, expected):
    assert parse_dotenv(text) == expected


def test_an_assignment_says_where_it_stands():
    found = assignments(PLACES)
    assert [(one.name, one.value, one.line) for one in found] == [
        ("A", "1", 2),
        ("B", "x\ny", 4),
        ("C", "", 6),
        ("D", "\u00a0", 7),
    ]
    lines = [PLACES[one.begin : one.end] for one in found]
    assert lines == ["A = 1 # one", "export B='x\r\ny' # two", "C=", "D:\t'\u00a0'"]
    raws = [PLACES[one.raw_begin : one.raw_end] for one in found]
    assert raws == [" 1 ", "'x\r\ny'", "", "'\u00a0'"]


def test_agrees_with_both_real_dotenv_packages_on_the_table_and_on_random_files(dotenv_modules):
    texts = [text for text, _ in TABLE] + random_texts(60_000)
    answers = real_dotenv(dotenv_modules, texts)
    ours = [parse_dotenv(text) for text in texts]
    wrong = [
        (text, mine, theirs)
        for text, mine, theirs in zip(texts, ours, answers, strict=True)
        if theirs != [mine, mine]
    ]
    assert wrong[:3] == []
    assert sum(map(bool, ours)) > 10_000


def test_reads_a_megabyte_value_and_thousands_of_blank_lines():
    value = "x" * 1_000_000
    assert parse_dotenv("\n" * 3_000 + f'A="{value}"') == {"A": value}
