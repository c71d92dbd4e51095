"""The modules of the product and what each of them imports, as the tests of the house see them."""

import ast
import re
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
HOUSE = CHECKOUT / "mantodeus_ops"
MODULES = sorted(HOUSE.rglob("*.py"))
TASKS = sorted((CHECKOUT / "fabfile").glob("*.py"))
PROGRAMS = sorted(path for path in HOUSE.rglob("*") if path.suffix in {".js", ".sh"})
HOST = "mantodeus_ops.remote.host"


def name_of(path):
    """Return the name by which a program is asked for: its slice and its file."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return "/".join(part for part in parts if part != "scripts")


TOUCHES = {
    *("os", "subprocess", "socket", "time", "random", "secrets", "logging", "shutil", "sys"),
    *("apprise", "fabric", "invoke", "paramiko", "requests", "sqlite3", "uvicorn"),
}
TOUCHING_CALLS = {
    *("open", "print", "input", "now", "today", "utcnow", "read_text", "write_text"),
}


@cache
def tree(path):
    """Return the file as Python reads it."""
    return ast.parse(path.read_text())


def dotted(path):
    """Return the name by which a module is imported."""
    return ".".join(path.relative_to(CHECKOUT).with_suffix("").parts).removesuffix(".__init__")


BY_NAME = {dotted(path): path for path in (*MODULES, *TASKS)}


@cache
def imports(path):
    """Return what a file imports: modules by their names, other names behind their module's."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names | ({node.module} & BY_NAME.keys() if names - BY_NAME.keys() else set())
    return frozenset(found)


def inside(path):
    """Return the modules of the product that a file imports, by name."""
    return {name for name in imports(path) if name in BY_NAME and name != dotted(path)}


def outside(path):
    """Return the top names of what a file imports from elsewhere."""
    return {name.partition(".")[0] for name in imports(path)} - {"mantodeus_ops", "fabfile"}


def touches(path):
    """Return what a file uses of the machine that it runs on, or of its clock."""
    called = (node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    names = {getattr(function, "id", getattr(function, "attr", "")) for function in called}
    paths = {name for name in imports(path) if re.fullmatch(r"pathlib(\.Path)?", name)}
    return (outside(path) & TOUCHES) | paths | (names & TOUCHING_CALLS)


@cache
def is_pure(path):
    """Return whether a module only decides: it touches nothing, nor does what it imports."""
    return not touches(path) and all(is_pure(BY_NAME[name]) for name in inside(path))
