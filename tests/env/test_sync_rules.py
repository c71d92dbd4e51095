"""What an `.env` gets from its example."""

import pytest

from mantodeus_ops.env.sync_rules import Sync, first_env, with_example
from mantodeus_ops.errors import UsageError

EXAMPLE = """\
# Where it listens.
PORT=3000

# The database,
# with its password.
DATABASE_URL=mysql://user:password@localhost/app
JWT_SECRET=
GREETING='hello
there'
MAIL_FROM=your-address@example.com
"""


def test_defaults_come_along_with_their_comments_and_secrets_come_empty():
    synced = with_example("NODE_ENV=production\n", EXAMPLE)
    assert synced.text == (
        "NODE_ENV=production\n"
        "# Where it listens.\nPORT=3000\n"
        "# The database,\n# with its password.\n# DATABASE_URL needs a real value\nDATABASE_URL=\n"
        "# JWT_SECRET needs a real value\nJWT_SECRET=\n"
        "GREETING='hello\nthere'\n"
        "# MAIL_FROM needs a real value\nMAIL_FROM=\n"
    )
    assert synced.added == ("PORT", "DATABASE_URL", "JWT_SECRET", "GREETING", "MAIL_FROM")
    assert synced.to_fill == ("DATABASE_URL", "JWT_SECRET", "MAIL_FROM")


def test_a_first_file_is_the_example_without_what_must_be_real():
    made = first_env(EXAMPLE)
    assert made.text == (
        EXAMPLE.replace("mysql://user:password@localhost/app", "").replace(
            "your-address@example.com", ""
        )
    )
    assert made.to_fill == ("DATABASE_URL", "JWT_SECRET", "MAIL_FROM")


def test_what_is_there_stays_and_a_second_time_nothing_is_added():
    once = with_example("PORT=1\r\n", EXAMPLE)
    assert once.text.startswith("PORT=1\r\n# The database,\r\n")
    assert with_example(once.text, EXAMPLE).added == ()


def test_of_several_lines_of_the_example_the_last_counts():
    assert with_example("", "A=1\nA=2\n").text == "A=2\n"


def test_is_refused_where_it_would_change_what_others_say():
    with pytest.raises(UsageError) as refused:
        with_example("B='open\n", "A='#'\n")
    behind = "with the example's lines behind it"
    assert refused.value.message == f"{behind}, other variables would be read differently"
    assert refused.value.hint == "env.check  # names the line to fix"


def test_a_comment_comes_along_when_it_stands_right_above():
    example = "# far\n\n  # near\n# nearer\nA=1\nB=2\n#C=3\nD=4"
    assert with_example("B=1\n", example).text == "B=1\n  # near\n# nearer\nA=1\n#C=3\nD=4\n"
    assert with_example("", "# top\rA=1\r").text == "# top\nA=1\n"


def test_where_nothing_lacks_nothing_is_added_and_what_no_program_can_have_is_no_variable():
    assert with_example("A=1\n", "A=2\n__proto__=1\n") == Sync("A=1\n", (), ())
    assert first_env("A=1\n") == Sync("A=1\n", ("A",), ())
