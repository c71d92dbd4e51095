"""Every error by its code: the sentences and hints that the product makes, as a page.

As in: python -m tests.support.error_catalogue; writes tests/errors.txt anew. What `{…}` stands for
is known when the error is made. A sentence that is made elsewhere and passed on is not listed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

from mantodeus_ops import errors
from mantodeus_ops.errors import OpsError
from mantodeus_ops.remote.answers.refusals import CATALOGUE
from tests.support.house import CHECKOUT, MODULES, TASKS, tree

PAGE = CHECKOUT / "tests/errors.txt"
LATER = "{…}"
CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, OpsError)
}


def template(node: ast.AST | None) -> str:
    """Return the text that an expression makes, with `{…}` for what is only known later."""
    match node:
        case None:
            return ""
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(template(part) for part in node.values)
        case ast.BinOp(op=ast.Add()):
            return template(node.left) + template(node.right)
        case _:
            return LATER


def made_in(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the code, sentence and hint of each error that a file makes."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and (kind := CLASSES.get(ast.unparse(node.func))):
            words = {word.arg: template(word.value) for word in node.keywords}
            given = dict(zip(("message", "hint"), map(template, node.args), strict=False)) | words
            code, message = given.get("code", kind.code), given.get("message", "")
            if LATER not in {code, message}:
                yield code, message, given.get("hint", "")


def by_code() -> dict[str, set[tuple[str, str]]]:
    """Return every sentence and its hint by code: of this side, and of refusals by a host."""
    found: dict[str, set[tuple[str, str]]] = {kind.code: set() for kind in CLASSES.values()}
    for path in (*MODULES, *TASKS):
        for code, message, hint in made_in(path):
            found.setdefault(code, set()).add((message, hint))
    for code, told in CATALOGUE.items():
        found.setdefault(code, set()).add((told.sentence, told.hint))
    return found


def head_of(code: str) -> str:
    """Return the line of a code: with the exit code and the status that a class has for it."""
    kinds = [kind for kind in CLASSES.values() if kind.code == code]
    return f"{code}: " + "".join(f"exit {kind.exit_code}, {kind.status}" for kind in kinds[:1])


def page() -> str:
    """Return the page: a paragraph for each code."""
    parts = []
    for code, sentences in sorted(by_code().items()):
        lines = [f"{text}\n" + (f"    hint: {hint}\n" if hint else "") for text, hint in sentences]
        parts.append(f"{head_of(code).rstrip(': ')}\n{indent(''.join(sorted(lines)), '    ')}")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
