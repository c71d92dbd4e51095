"""The rules of the house that no linter knows, each with its own words when it is broken."""

import ast
import re
import subprocess
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from fabfile import ns
from fabfile.pure import errors

CHECKOUT = Path(__file__).resolve().parents[1]
HOUSE = CHECKOUT / "fabfile"
MODULES = sorted(HOUSE.rglob("*.py"))
SCRIPTS = sorted((HOUSE / "scripts").iterdir())
WRITTEN = sorted(
    path for top in ("fabfile", "mantodeus_ops", "tests") for path in (CHECKOUT / top).rglob("*.py")
)

# A layer may use itself and what is named here; "fleet" is the one module that shows results.
MAY_USE = {
    "tasks": {"ops", "host", "pure", "show"},
    "ops": {"host", "pure", "receiver"},
    "receiver": {"host", "pure"},
    "host": {"pure"},
    "show": {"pure"},
    "pure": set(),
}
ONLY_IN = {
    "apprise": {"host"},
    "fabric": {"host"},
    "httptools": {"receiver"},
    "invoke": {"host"},
    "paramiko": {"host"},
    "rich": {"show"},
    "sqlite3": {"receiver"},
    "uvicorn": {"receiver"},
}
IMPURE = {"os", "subprocess", "socket", "time", "random", "secrets", "logging", "shutil", "sys"}
IMPURE_CALLS = {"open", "print", "input", "now", "today", "utcnow", "read_text", "write_text"}


def layer(path):
    """Return the layer that a file of the house belongs to."""
    parts = path.relative_to(HOUSE).parts
    if parts in {("__init__.py",), ("__main__.py",)}:
        return "contents"
    return "tasks" if len(parts) == 1 else parts[0]


@cache
def tree(path):
    """Return the file as Python reads it."""
    return ast.parse(path.read_text())


def imports(path):
    """Yield what a file imports: relative modules as paths from the house, others by their name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = path.relative_to(HOUSE).parts[: -node.level]
            where = [*parts, *(node.module.split(".") if node.module else ())]
            names = [alias.name for alias in node.names] if not node.module else [""]
            yield from ("./" + "/".join(filter(None, [*where, name])) for name in names)


def inside(path):
    """Return the modules of the house that a file imports, as paths from the house."""
    return [name.removeprefix("./") for name in imports(path) if name.startswith("./")]


def outside(path):
    """Return the top names of what a file imports from elsewhere."""
    return {name.partition(".")[0] for name in imports(path) if not name.startswith("./")}


def of_layer(*names):
    """Return the files of these layers."""
    return [path for path in MODULES if layer(path) in names]


def wrong(paths, what):
    """Return what is wrong with these files by the name of each; empty when all are right."""
    found = {str(path.relative_to(CHECKOUT)): what(path) for path in paths}
    return {name: said for name, said in found.items() if said}


def layers_used(path):
    """Return the layers that a file imports from; a task module's name is the layer of tasks."""
    tops = {used.partition("/")[0] for used in inside(path)}
    return {top if top in MAY_USE else "tasks" for top in tops}


def test_imports_go_one_way():
    def beyond(path):
        more = {"show"} if path == HOUSE / "host/fleet.py" else set()
        return layers_used(path) - MAY_USE[layer(path)] - {layer(path)} - more

    assert wrong(of_layer(*MAY_USE), beyond) == {}


def test_a_task_module_imports_no_other_and_of_the_host_only_what_makes_a_task():
    def beyond(path):
        of_host = {used for used in inside(path) if used.startswith("host")}
        return (layers_used(path) & {"tasks"}) | (of_host - {"host/task", "host/door"})

    assert wrong(of_layer("tasks"), beyond) == {}


def test_a_library_stays_in_its_layer():
    def away(path):
        return {name for name in outside(path) & set(ONLY_IN) if layer(path) not in ONLY_IN[name]}

    assert wrong([path for path in MODULES if layer(path) != "contents"], away) == {}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("__init__", "invoke.collection.Collection"), ("__main__", "invoke.program.Program")],
)
def test_the_contents_import_one_thing_of_a_library(name, wanted):
    path = HOUSE / f"{name}.py"
    assert {one for one in imports(path) if one.partition(".")[0] in ONLY_IN} == {wanted}


def test_inside_the_house_every_import_is_relative():
    assert wrong(MODULES, lambda path: outside(path) & {"fabfile"}) == {}


def test_a_decision_touches_nothing_and_reads_no_clock():
    def touched(path):
        called = (node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
        names = {getattr(function, "id", getattr(function, "attr", "")) for function in called}
        paths = {name for name in imports(path) if re.fullmatch(r"pathlib(\.Path)?", name)}
        return (outside(path) & IMPURE) | paths | (names & IMPURE_CALLS)

    assert wrong(of_layer("pure"), touched) == {}


def test_no_name_in_the_house_hides_a_module_of_others_under_fab():
    ours = {path.stem for path in HOUSE.iterdir() if path.is_dir() or path.suffix == ".py"}
    others = sys.stdlib_module_names | set(packages_distributions())
    assert ours & others - {"__init__", "fabfile"} == set()


def test_a_file_is_read_in_one_sitting():
    assert wrong(WRITTEN, lambda path: max(0, len(path.read_text().splitlines()) - 250)) == {}


def test_a_function_fits_on_a_screen():
    def long(path):
        functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]
        return {one.name for one in functions if one.end_lineno - one.lineno + 1 > 40}

    assert wrong(WRITTEN, long) == {}


@pytest.mark.parametrize("name", sorted(ns.task_names))
def test_a_task_says_in_a_line_what_it_does(name):
    line = (ns[name].__doc__ or "").strip().partition("\n")[0]
    assert line.endswith(".")
    assert 10 < len(line) <= 90


@pytest.mark.parametrize("context", ns.to_contexts(), ids=lambda context: context.name)
def test_every_option_of_a_task_says_what_it_is_for_under_every_name_of_the_task(context):
    assert [name for name, option in context.args.items() if not option.help] == []
    assert "json" in context.args
    changing = {"dry-run", "yes", "wait", "batch", "canary", "on-failure"}
    assert changing & set(context.args) in (set(), changing)


def test_no_option_has_a_short_form():
    short = {name for context in ns.to_contexts() for name in context.args if len(name) == 1}
    assert short == set()


# As `node --check` reads a file, for all of them in one process.
CHECK = """
const { readFileSync } = require("node:fs");
const { wrap } = require("node:module");
for (const filename of process.argv.slice(1)) {
  try { new (require("node:vm").Script)(wrap(readFileSync(filename, "utf8")), { filename }); }
  catch (error) { console.log(`${filename}: ${error.message}`); }
}
"""


def test_a_program_for_the_host_can_be_read_by_what_will_run_it():
    node = [path for path in SCRIPTS if path.suffix == ".js"]
    shell = [path for path in SCRIPTS if path.suffix == ".sh"]
    assert len(node) + len(shell) == len(SCRIPTS)
    argvs = [["node", "-e", CHECK, *node], *(["bash", "-n", path] for path in shell)]
    ends = [subprocess.run(argv, capture_output=True, text=True, check=False) for argv in argvs]
    assert [end for end in ends if (end.returncode, end.stdout, end.stderr) != (0, "", "")] == []


def test_every_failure_has_the_exit_code_that_the_tree_of_errors_says():
    lines = re.findall(r"^[│├└─ ]*(\w+Error) +(\d)  \S", errors.__doc__, re.MULTILINE)
    told = {name: int(code) for name, code in lines}
    classes = {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.OpsError)
    }
    assert told == classes


def test_the_tree_of_errors_is_the_tree_of_classes():
    parents, stack = {}, []
    for line in errors.__doc__.splitlines():
        if found := re.match(r"([│├└─ ]*)(\w+Error) ", line):
            stack = [*stack[: len(found[1]) // 4], found[2]]
            parents[found[2]] = stack[-2] if len(stack) > 1 else "Exception"
    assert {name: getattr(errors, name).__base__.__name__ for name in parents} == parents


LISTING = """
import sys
from invoke.main import program
program.run(["inv", "--list"], exit=False)
print(*sorted(sys.modules), file=sys.stderr)
"""


def test_a_listing_costs_no_library_that_it_does_not_need():
    done = subprocess.run(
        [sys.executable, "-c", LISTING], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert "deploy.restart" in done.stdout
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    heavy = {"requests", "cryptography", "http", "socketserver"} | set(ONLY_IN) - {"invoke"}
    assert loaded & heavy == set()
