"""What is blank and what ends a line in the programs of the host: as text/sanitize.py has it."""

import json
import re
import shlex
from pathlib import Path

import pytest

from mantodeus_ops.text.sanitize import fields, text_lines, trimmed
from tests.support.project_dir import Project, tools

SCRIPTS = sorted((Path(__file__).parents[2] / "mantodeus_ops").rglob("*.js"))
ENDS = "".join(map(chr, (0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0xA0, 0x2028, 0x2029, 0xFEFF)))
# dotenv.js reads a file as the dotenv of the app does, which lets JavaScript decide.
FREE = {"whitespace.js", "parse.js"}


def asked(project, program, expression):
    """Return the value of an expression among the functions of a program."""
    done = project.run(program, after=f"reply({{ value: {expression} }});process.exit(0)")
    assert done.code == 0, done.out
    return json.loads(done.out)["value"]


@pytest.mark.parametrize(
    ("line", "present"),
    [
        ("@reboot pm2 resurrect", True),
        (" \t@reboot /usr/bin/env pm2 resurrect\r", True),
        ("@reboot echo \u2028; pm2 resurrect", True),
        ("# once\u2028@reboot pm2 resurrect", False),
        ("# once\u2029 @reboot pm2 resurrect", False),
        ("# once\x85@reboot pm2 resurrect", False),
        ("# once\r@reboot pm2 resurrect", False),
        ("0 5 * * * true", False),
    ],
)
def test_a_comment_of_the_crontab_brings_nothing_back_after_a_reboot(tmp_path, line, present):
    text = f"0 4 * * * true\n{line}\n"
    path = tools(tmp_path / "bin", crontab=f"printf %s {shlex.quote(text)}")
    project = Project(tmp_path, path=path)
    assert asked(project, "monitor/checklist_facts", "rebootFacts()") == {
        "known": True,
        "present": present,
    }


TEXTS = ["", " \t a b \r\n", f"{ENDS}a{ENDS}", f"a{ENDS}b\r\n\n \t\n c", "  \n\r\n", "a\rb"]


def test_blanks_and_lines_are_those_of_the_client(tmp_path):
    given = json.dumps(TEXTS)
    told = asked(
        Project(tmp_path),
        "remote/signing_key",
        f"{given}.map((one) => [trimmed(one), fieldsOf(one), textLines(one)])",
    )
    assert told == [[trimmed(one), fields(one), text_lines(one)] for one in TEXTS]


def test_a_variable_is_served_on_a_line_of_a_page_only(tmp_path):
    page = f"<p>once{ENDS}SECRET=1\n export \t OTHER=2\r\nNOT\n=3\n"
    told = asked(
        Project(tmp_path),
        "env/database_probe",
        f"['SECRET', 'OTHER', 'NOT'].map((name) => sets({json.dumps(page)}, name))",
    )
    assert told == [False, True, False]


_LITERAL = re.compile(
    r"(?:[(,=:?!&|;\[{>]|return|^)\s*/(?![/*])"
    r"((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\[])+)/([a-z]*)",
)
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]")


def _left_to_javascript(line):
    """Yield what of a line lets JavaScript decide what is blank, or what ends a line."""
    if found := re.search(r"\.trim(?:Start|End|Left|Right)?\(", line):
        yield found[0]
    if re.search(r"\bnew RegExp\(.*,\s*'[a-z]*m[a-z]*'\)", line):
        yield "a pattern of lines"
    if re.search(r"\\s", line.replace(r"[\s\S]", ""), re.IGNORECASE):
        yield r"\s"
    for pattern, flags in _LITERAL.findall(line):
        plain = re.sub(r"\\\\?.", "", _CLASS.sub("", pattern))
        if "m" in flags and re.search(r"[$^]", plain):
            yield f"/{pattern}/{flags}"
        if "." in plain and "s" not in flags:
            yield f"/{pattern}/{flags} without s"


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("const a = text.trim();", 1),
        ("x.trimEnd().split('/')", 1),
        (r"one.split(/\s+/)", 1),
        (r"one.replace(/\S/g, '')", 1),
        (r"/^a$/m.test(text)", 1),
        ("if (/^a.*b/.test(text))", 1),
        ("new RegExp(`^${name}=`, 'm')", 1),
        (r"/[\s\S]*[.]\.js$/.test(text)", 0),
        ("/^a.*b$/s.test(text)", 0),
        ("const half = whole / 2 + a.b / c.d;", 0),
    ],
)
def test_what_is_left_to_javascript_is_found(line, count):
    assert len(list(_left_to_javascript(line))) == count


@pytest.mark.parametrize(
    "path", [one for one in SCRIPTS if one.name not in FREE], ids=lambda path: path.name
)
def test_only_a_newline_ends_a_line_on_the_host(path):
    # To JavaScript U+2028 ends a line and U+00A0 is blank: use what whitespace.js has instead.
    lines = [re.split(r"(?:^| )// ", line)[0] for line in path.read_text().split("\n")]
    found = {at: list(_left_to_javascript(line)) for at, line in enumerate(lines, 1)}
    assert {at: one for at, one in found.items() if one} == {}
