"""What is wrong with an `.env`, told without a value."""

import pytest

from mantodeus_ops.env.check_rules import check_file, check_probes, check_process, check_text
from mantodeus_ops.env.variables import EnvFile
from mantodeus_ops.findings import Finding

FILE = {
    "file": ".env",
    "link": "",
    "present": True,
    "mode": "600",
    "mine": True,
    "tracked": False,
    "ignored": True,
}

CUT = "line 1: A contains an unquoted #: dotenv drops everything after it"


def told(text, *, required=(), example=None, present=True):
    """Return what is said of this text: red lines, and yellow ones in brackets."""
    file = EnvFile(".env", text, "", present, "")
    found = check_text(file, required=required, example=example or {})
    return [one.text if one.stops else f"({one.text})" for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\n# c\n\nexport B='x'\n", []),
        ("A=\nB=1\n", ["(empty: A)"]),
        ("A=changeme\n", ["(A still has the placeholder of the example)"]),
        ("A=<secret>\n", ["(A still has the placeholder of the example)"]),
        ("A=1\nA=2\n", ["(A is assigned 2 times (lines 1, 2): the last counts)"]),
        (
            'A="open\nB=1\n',
            ["line 1: A has a quote that is not closed, or text behind the closing one"],
        ),
        (
            "A='x' y\n",
            ["line 1: A has a quote that is not closed, or text behind the closing one"],
        ),
        (
            "A='x\nB=1'\n",
            ["line 1: A has a quoted value of several lines, and B is inside it"],
        ),
        ("A=\n'x'\n", ["line 1: A has no value and takes the next line instead"]),
        (
            "A=ab#c\n",
            [CUT],
        ),
        ("A=ab #c\n", []),
        ("A='ab'#c\n", []),
        ("A 1\nB=1\n", ["(line 1 is no assignment, and ignored)"]),
        ("A=1\r\nwhat\r\n", ["(line 2 is no assignment, and ignored)"]),
        ("A='x\ny'\n", []),
        ("a.b=1\n", ["(a.b is a name that only dotenv takes for one)"]),
        ("A=\udcff\n", ["line 1 is not UTF-8 text"]),
        ("\ufeffA=1\n", ["(the file begins with a byte order mark: only dotenv reads past it)"]),
        ("A=1\r\nB=1\n", ["(the file mixes line ends of Windows and Unix)"]),
        ("A=1\rB=1\n", ["(the file mixes line ends of Windows and Unix)"]),
        ("A=xyz\n", []),
        ("A=xb#c\n", [CUT]),
        ("A='y\rB=1'", ["line 1: A has a quoted value of several lines, and B is inside it"]),
        ("A='x\ny\nB=1'\n", ["line 1: A has a quoted value of several lines, and B is inside it"]),
        ("A=1\rx 1", ["(line 2 is no assignment, and ignored)"]),
        ("x\n", ["(line 1 is no assignment, and ignored)"]),
        ("A=1\nB=1\nC=1\nD=1\nE=1\nF=1\nG=1\n", []),
        ("A=1\r\nB=1\r\nC=1\r\nD=1\r\nE=1\r\nF=1\r\nG=1\r\n", []),
        ("A=1\rB=\udcff", ["line 2 is not UTF-8 text"]),
    ],
)
def test_finds_what_dotenv_would_not_say(text, expected):
    assert told(text) == expected


def test_required_ones_must_be_there_with_a_value_of_their_own():
    found = told("A=\nB=changeme\n", required=["A", "B", "C"])
    assert found == [
        "A is required and empty",
        "C is required and missing",
        "B still has the placeholder of the example",
    ]


def test_a_secret_that_everybody_can_read_in_the_example_is_none():
    example = {"JWT_SECRET": "s3cret-of-ours", "PORT": "3000"}
    found = told("JWT_SECRET=s3cret-of-ours\nPORT=3000\n", example=example)
    assert found == ["JWT_SECRET still has the placeholder of the example"]


@pytest.mark.parametrize(
    ("required", "example", "needs"),
    [(("A",), {"B": ""}, "A"), ((), {"B": "", "C": ""}, "B, C"), ((), {}, "variables")],
)
def test_a_file_that_is_not_there_is_told_with_what_it_needs(required, example, needs):
    found = check_text(EnvFile(".env", "", "", False, ""), required=required, example=example)  # noqa: FBT003
    assert found == [Finding(f".env is missing; the app needs {needs}", "env.sync")]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("A=\nB=\n", "env.set A  # or env.unset"),
        ("A=changeme\n", "env.set A"),
        ("A=ab#c\n", "env.set A"),
        ("A='open\n", "env.set A"),
        ("A=\n'x'\n", "fix the line by hand, then env.check"),
        ("A 1\n", "fix the line by hand, then env.check"),
        ("A=1\nA=2\n", "env.unset A  # then env.set A"),
        ("PATH=1\n", "env.unset PATH"),
        ("\ufeffA=1\n", "sed -i '1s/^\\xEF\\xBB\\xBF//' .env"),
        ("A=1\r\nB=1\n", "sed -i 's/\\r$//' .env"),
    ],
)
def test_what_is_found_comes_with_a_command_that_mends_it(text, hint):
    file = EnvFile(".env", text, "", present=True, link="")
    assert [one.hint for one in check_text(file, required=(), example={})] == [hint]


@pytest.mark.parametrize("name", ["PATH", "NODE_OPTIONS", "LD_PRELOAD", "PM2_HOME", "SECRET_KEY"])
def test_a_name_that_others_read_is_told(name):
    assert told(f"{name}=1\n")[0].startswith(f"({name}: ")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"mode": "644"}, [Finding("others can read .env (mode 644)", "chmod 600 .env")]),
        ({"mode": "640"}, [Finding("others can read .env (mode 640)", "chmod 600 .env")]),
        ({"mine": False}, [Finding(".env belongs to another account", "ls -l .env")]),
        (
            {"tracked": True, "ignored": False},
            [
                Finding(
                    ".env is tracked by git: its secrets are in the repository",
                    "git rm --cached .env",
                )
            ],
        ),
        (
            {"ignored": False},
            [
                Finding(
                    "git does not ignore .env: the next `git add` adds it",
                    "echo /.env >> .gitignore",
                    stops=False,
                )
            ],
        ),
        (
            {"link": "outside"},
            [Finding(".env is a link that leads out of the app", "readlink -f .env")],
        ),
        (
            {"link": "broken", "present": False},
            [Finding(".env is a link that leads to nothing", "readlink -f .env")],
        ),
        ({"present": False}, []),
    ],
)
def test_finds_how_the_file_lies_there(change, expected):
    found = check_file({**FILE, **change})
    assert found == expected
    assert [one.stops for one in found] == ["ignore" not in one.text for one in expected]


def database(**more):
    """Return what was found out of a database."""
    found = {"name": "DATABASE_URL", "port": 5432, "reach": "ok", "login": "ok", "why": ""}
    return {"databases": [{**found, **more}], "served": False}


@pytest.mark.parametrize(
    ("probes", "expected"),
    [
        (database(), []),
        (database(login="no client"), []),
        (database(login=""), []),
        (
            database(reach="ECONNREFUSED"),
            ["DATABASE_URL: the database cannot be reached: nothing listens there (port 5432)"],
        ),
        (
            database(login="refused", why="ER_ACCESS_DENIED_ERROR"),
            ["DATABASE_URL: the database refuses the login: wrong user or password"],
        ),
        (database(reach="no address"), ["DATABASE_URL is not the address of a database"]),
        (
            {**database(reach="odd"), "served": True},
            [
                "the app answers a request for /.env with the file: every secret in it is public",
                "DATABASE_URL: the database cannot be reached: odd (port 5432)",
            ],
        ),
    ],
)
def test_finds_what_the_databases_and_the_app_answer(probes, expected):
    assert [one.text for one in check_probes(probes)] == expected


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        *(("reach", code) for code in ("ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH")),
        *(("why", code) for code in ("28P01", "28000", "3D000")),
        *(("why", code) for code in ("ER_BAD_DB_ERROR", "ER_DBACCESS_DENIED_ERROR")),
    ],
)
def test_what_databases_say_in_codes_is_told_in_words(kind, code):
    (found,) = check_probes(database(login="refused", **{kind: code}))
    assert code not in found.text
    assert found.hint == "env.set DATABASE_URL"


def test_tells_what_the_process_has_not_seen():
    assert check_process([]) == []
    text = "the running process does not have the current A, B"
    assert check_process(["A", "B"]) == [Finding(text, "restart", stops=False)]
