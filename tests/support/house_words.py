"""The words that product and documentation do without, and those that file names are made of."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.house import CHECKOUT, HOUSE, MODULES, PROGRAMS, TASKS

# A word that ends with * has any ending.
FORBIDDEN = (
    *("anybody", "doorstep*", "ourside", "whence", "let us in", "went back", "are told"),
    *("whoever", "somebody", "was told", "crowd*", "at our end", "strayed", "of theirs"),
    *("veil*", "nobody", "everybody", "of its own", "is told", "told", "telling", "keeper*"),
    *("dossier*", "mend", "mends", "mended", "put right", "puts right", "our side", "unseen"),
    *("doomed", "under way", "way back", "the dead", "came of", "come of", "gone back"),
    *("ends with 7",),
)
# Names of files on the host, keys in JSON, and the example of GitHub's documentation, which stay.
CONTRACT = re.compile(
    r"keeper\.pid|dossier\.txt|\bdossier\??:|['\"](?:dossier|mend)['\"]"
    r"|It's a Secret to Everybody"
)
_FOLDERS = ("mantodeus_ops", "fabfile", "docs", "completion")
_KINDS = {".py", ".js", ".sh", ".md", ".toml", ".bash", ".fish"}
NAMES = CHECKOUT / "tests/names.txt"


def written() -> list[Path]:
    """Return every file that users and contributors read."""
    folders = (path for name in _FOLDERS for path in (CHECKOUT / name).rglob("*"))
    found = [path for path in folders if path.suffix in _KINDS]
    return sorted([*found, *CHECKOUT.glob("*.md"), CHECKOUT / "tasks.py"])


def pattern(word: str) -> re.Pattern[str]:
    """Return what finds a word, as a part of a name too; a word that ends with * has any ending."""
    stem, star = re.escape(word.rstrip("*")), word.endswith("*")
    after = "" if star else r"(?![a-z0-9])"
    camel = rf"|(?<=[a-z]){stem.capitalize()}{after}" if " " not in word else ""
    return re.compile(rf"(?<![A-Za-z0-9])(?i:{stem}){after}{camel}")


def occurrences(word: str) -> list[str]:
    """Return the lines that hold a word, each with its file and its number."""
    found = pattern(word)
    return [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in written()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for _ in found.finditer(CONTRACT.sub("", line))
    ]


def unknown_names() -> list[str]:
    """Return the files whose names hold a word that is not in tests/names.txt."""
    known = set(NAMES.read_text().split())
    files = (*MODULES, *PROGRAMS, *TASKS)
    return [
        str(path.relative_to(CHECKOUT))
        for path in files
        if not set(re.split(r"[_./]", str(path.relative_to(HOUSE.parent).with_suffix(""))))
        <= known | {"", "init", "main", "scripts", "fabfile", "mantodeus", "ops"}
    ]
