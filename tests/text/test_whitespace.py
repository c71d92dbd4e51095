"""What is blank, and what ends a line: the same four characters everywhere."""

import ast
from pathlib import Path

import pytest

from mantodeus_ops.notify.message import addresses
from mantodeus_ops.ssh.authorized_keys import entries, public_key
from mantodeus_ops.text.sanitize import fields, text_lines, trimmed

ENDS = "".join(map(chr, (0x0B, 0x0C, 0x1C, 0x1D, 0x1E, 0x85, 0x2028, 0x2029)))
HOUSE = Path(__file__).parents[2] / "mantodeus_ops"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        (" a \t b\r\nc ", 0, ["a", "b", "c"]),
        ("a b  c d", 2, ["a", "b  c d"]),
        ("a", 2, ["a"]),
        ("", 0, []),
        (f"a{ENDS}b", 0, [f"a{ENDS}b"]),
    ],
)
def test_fields_are_what_blanks_stand_between(text: str, most: int, expected: list[str]):
    assert fields(text, most) == expected


def test_lines_end_at_a_newline_only():
    assert text_lines(f"a{ENDS}b\r\n\n \t\nc") == [f"a{ENDS}b", "c"]
    assert trimmed(f" \t{ENDS}\r\n") == ENDS


def test_a_comment_of_a_key_cannot_hold_another_key():
    (found,) = entries(f"{KEY} me{ENDS}{KEY}\n")
    assert found.comment == f"me{ENDS}{KEY}"
    assert public_key(f"{KEY} me\u2028{KEY}\n", "me.pub").comment == f"me\u2028{KEY}"


def test_an_address_goes_on_to_its_blank():
    assert addresses("# a\u2028mailto://evil\nhttps://x/\u2028y\n") == ["https://x/\u2028y"]


def _undefined_blanks(path):
    """Yield the calls that let Python decide what ends a line, and what is blank."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        given = [one for one in node.args if not (isinstance(one, ast.Constant) and not one.value)]
        bare = not given and node.func.attr in {"strip", "lstrip", "rstrip", "split", "rsplit"}
        if bare or node.func.attr == "splitlines":
            yield f"line {node.lineno}: {node.func.attr}"


@pytest.mark.parametrize(
    "path",
    [one for one in sorted(HOUSE.rglob("*.py")) if one.name != "sanitize.py"],
    ids=lambda path: path.name,
)
def test_only_a_newline_ends_a_line(path):
    # To Python U+2028 ends a line and U+0085 is blank: use what text/sanitize.py has instead.
    assert list(_undefined_blanks(path)) == []
