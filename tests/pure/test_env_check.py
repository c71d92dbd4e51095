"""What is wrong with an `.env`, told without a value."""

import pytest

from fabfile.pure.env_check import check_file, check_probes, check_process, check_text
from fabfile.pure.variables import EnvFile

FILE = {
    "file": ".env",
    "link": "",
    "present": True,
    "mode": "600",
    "mine": True,
    "tracked": False,
    "ignored": True,
}


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
        ("A=\n'x'\n", ["line 1: A has no value of its own and takes the next line as one"]),
        (
            "A=ab#c\n",
            ["line 1: A ends at a # that nothing stands before: dotenv takes it for a comment"],
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


def test_a_file_that_is_not_there_is_told_with_what_it_needs():
    assert told("", present=False, required=["A"]) == [".env is missing; the app needs A"]


@pytest.mark.parametrize("name", ["PATH", "NODE_OPTIONS", "LD_PRELOAD", "PM2_HOME", "SECRET_KEY"])
def test_a_name_that_others_read_is_told(name):
    assert told(f"{name}=1\n")[0].startswith(f"({name}: ")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"mode": "644"}, ["others can read .env (mode 644)"]),
        ({"mode": "640"}, ["others can read .env (mode 640)"]),
        ({"mine": False}, [".env belongs to another account"]),
        ({"tracked": True}, [".env is tracked by git: its secrets are in the repository"]),
        ({"ignored": False}, ["git does not ignore .env: the next `git add` takes it along"]),
        ({"link": "outside"}, [".env is a link that leads out of the app"]),
        ({"link": "broken", "present": False}, [".env is a link that leads to nothing"]),
        ({"present": False}, []),
    ],
)
def test_finds_how_the_file_lies_there(change, expected):
    assert [one.text for one in check_file({**FILE, **change})] == expected


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
            ["DATABASE_URL: the database is out of reach: nothing listens there (port 5432)"],
        ),
        (
            database(login="refused", why="ER_ACCESS_DENIED_ERROR"),
            ["DATABASE_URL: the database refuses the login: wrong user or password"],
        ),
        (database(reach="no address"), ["DATABASE_URL is not the address of a database"]),
        (
            {"databases": [], "served": True},
            ["the app answers a request for /.env with the file: every secret in it is public"],
        ),
    ],
)
def test_finds_what_the_databases_and_the_app_answer(probes, expected):
    assert [one.text for one in check_probes(probes)] == expected


def test_tells_what_the_process_has_not_seen():
    assert check_process([]) == []
    assert check_process(["A"])[0].text == "the running process has not seen the present A"
