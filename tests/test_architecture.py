"""The rules of the house that no linter knows, each with its own words when it is broken."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.support.host_programs import NODE_PROGRAMS
from tests.support.house import (
    BY_NAME,
    CHECKOUT,
    HOST,
    HOUSE,
    MODULES,
    PROGRAMS,
    TASKS,
    dotted,
    imports,
    inside,
    is_pure,
    name_of,
    outside,
    touches,
    tree,
)
from tests.support.house_figures import LONGEST_FILE, LONGEST_FUNCTION, MOST_FILES
from tests.support.ladder import import_cycles, slice_of, upward_imports

WRITTEN = sorted([*MODULES, *TASKS, *(CHECKOUT / "tests").rglob("*.py")])

# A library is used where it belongs, and nowhere else.
HOMES = {
    "apprise": {"notify"},
    "cryptography": {"remote", "ssh"},
    "fabric": {"remote", "cli", "program"},
    "httptools": {"webhook"},
    "invoke": {"cli", "fleet", "tasks", "program"},
    "paramiko": {"remote", "ssh"},
    "rich": {"ui"},
    "sqlite3": {"webhook"},
    "uvicorn": {"webhook"},
}

# What works on this machine, not on a host: whole slices, and single modules of the others.
AT_THE_EDGE = (
    *("remote", "ui", "cli", "fleet", "webhook.receiver", "program", "__main__"),
    *("program_name", "trusted_files", "redaction.process", "inventory.locate"),
    "inventory.checkout",
    *("monitor.http_probe", "transaction.local_user", "webhook.self_package"),
    *("ssh.key_files", "ssh.key_slots", "ssh.local_audit", "ssh.pin"),
)


def listed(paths):
    """Return these files as a person would name them."""
    return [str(path.relative_to(CHECKOUT)) for path in paths]


def test_imports_go_down_the_ladder():
    assert upward_imports() == set()


def test_no_import_leads_back_to_where_it_began():
    assert import_cycles() == []


def test_a_module_takes_a_host_or_it_is_pure():
    edges = tuple(f"mantodeus_ops.{name}" for name in AT_THE_EDGE)
    impure = {
        dotted(path): sorted(touches(path))
        for path in MODULES
        if not is_pure(path) and HOST not in imports(path)
    }
    strange = {
        name: used
        for name, used in impure.items()
        if not any(name == edge or name.startswith(f"{edge}.") for edge in edges)
    }
    assert strange == {}


def test_every_import_of_the_product_is_absolute_and_no_group_of_tasks_imports_another():
    relative = {
        dotted(path)
        for path in (*MODULES, *TASKS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    }
    assert relative == {"fabfile"}  # whose name is another one in the wheel
    tasks = {dotted(path) for path in TASKS}
    assert [dotted(path) for path in TASKS if inside(path) & tasks] == []


def test_no_name_in_fabfile_hides_a_module_of_others_under_fab():
    ours = {path.stem for path in TASKS} - {"__init__"}
    assert ours & (sys.stdlib_module_names | set(packages_distributions())) == set()


def test_a_task_imports_what_it_runs_when_it_runs():
    early = {
        f"{path.stem}: {node.module}"
        for path in TASKS
        for node in tree(path).body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mantodeus_ops")
        for alias in node.names
        if HOST in imports(BY_NAME.get(f"{node.module}.{alias.name}", BY_NAME[node.module]))
    }
    assert early == set()


def test_a_library_stays_in_its_slice():
    strays = {
        f"{dotted(path)}: {name}"
        for path in (*MODULES, *TASKS)
        for name in outside(path) & HOMES.keys()
        if slice_of(path) not in HOMES[name]
    }
    assert strays == set()


def test_a_folder_is_seen_at_a_glance():
    folders = {path.parent for path in (*MODULES, *PROGRAMS)}
    many = {
        str(folder.relative_to(CHECKOUT)): count
        for folder in folders
        if (count := sum(one.is_file() for one in folder.iterdir())) > MOST_FILES
    }
    assert many == {}


def test_a_file_is_read_in_one_sitting():
    long = [path for path in WRITTEN if len(path.read_text().splitlines()) > LONGEST_FILE]
    assert listed(long) == []


def test_a_function_fits_on_a_screen():
    long = {
        f"{dotted(path)}.{node.name}"
        for path in WRITTEN
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == set()


CHECK = """
const [, ...files] = process.argv;
for (const file of files) {
  try {
    new (require('vm').Script)(`(function () {${require('fs').readFileSync(file, 'utf8')}\\n})`);
  } catch (error) {
    console.log(`${file}: ${error.message}`);
  }
}
"""


def test_a_program_for_the_host_can_be_read_by_what_will_run_it():
    node = [path for path in PROGRAMS if path.suffix == ".js"]
    bash = [path for path in PROGRAMS if path.suffix == ".sh"]
    said = subprocess.run(["node", "-e", CHECK, *node], capture_output=True, text=True, check=True)
    assert said.stdout == ""
    for path in bash:
        done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), path


REQUIRED = re.compile(r"require\('(\.[^']+)'\)")


def required(path):
    """Return the modules that a module for the host requires."""
    found = REQUIRED.findall(path.read_text())
    return [(path.parent / f"{name}.js").resolve() for name in found]


def test_what_a_module_for_the_host_requires_exists_and_does_not_require_it():
    modules = [path for path in PROGRAMS if path.suffix == ".js"]
    assert {one for path in modules for one in required(path)} - set(modules) == set()
    waiting = {path: set(required(path)) for path in modules}
    while ready := [path for path, needs in waiting.items() if not needs & waiting.keys()]:
        for path in ready:
            del waiting[path]
    assert listed(waiting) == []


EXPORTS = re.compile(r"^module\.exports = \{ main\b[^,}]*\};$", re.MULTILINE)


def test_a_program_exports_main_alone_and_nothing_else_does_or_requires_it():
    """What a program must not do when it is loaded is a rule of tools/eslint.config.js."""
    modules = [path for path in PROGRAMS if path.suffix == ".js"]
    entries = {path for path in modules if name_of(path) in NODE_PROGRAMS}
    assert len(entries) == len(NODE_PROGRAMS)
    assert {path for path in modules if EXPORTS.search(path.read_text())} == entries
    assert {one for path in modules for one in required(path)} & entries == set()


def test_each_module_has_its_tests_where_its_path_says():
    tests = CHECKOUT / "tests"
    mirrored = {path.relative_to(tests) for path in tests.rglob("test_*.py")}
    slices = {path.parent.relative_to(HOUSE) for path in (*MODULES, *PROGRAMS)}
    homes = {Path(*(part for part in folder.parts if part != "scripts")) for folder in slices}
    others = {"e2e", "faults", "model", "mutants", "bench", "sandbox"}
    strays = {path for path in mirrored if path.parts[0] not in others and path.parent not in homes}
    assert strays == set()
