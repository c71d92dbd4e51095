"""What the documentation says to type: the parser takes all of it, and it is run or listed."""

import ast
import inspect
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from fabric.main import Fab
from invoke.parser import Parser

from fabfile import ns
from fabfile.pure.pages import examples
from tests.pages import CHECKOUT, blocks, command

PAGES = ("README.md", *sorted(f"docs/{path.name}" for path in (CHECKOUT / "docs").glob("*.md")))
DOORS = ("fab", "inv", "mantodeus-ops")
OURS = re.compile(
    rf"(?:^|[|&;(] *|run: )(?:[\w.~/-]+/)?((?:{'|'.join(DOORS)}) (?:\"[^\"]*\"|[^|&;<>()#`\"])*)"
)

OWN = {("init",), ("completion",)}  # no tasks; tests/test_wheel.py runs them
# What is not run by any end-to-end test as it stands in the documentation, and why.
NOT_RUN = {
    "--list": "tests/host/test_cli.py runs it",
    "--": "what follows is Fabric's own, outside of this tool; the README says so",
    "--help": "tests/host/test_cli.py and tests/host/test_manual.py run it",
}
# Programs of others in the code blocks of these pages, and why no test runs them from there.
NOT_OURS = {
    "make": "the targets run this very suite, or the demo, which takes a minute",
    "uv": "tests/test_wheel.py installs the wheel with pip; uv and pipx install the same wheel",
    "pipx": "see uv",
    "pip": "tests/test_wheel.py installs the wheel",
    "mkdir": "makes a folder to work in; tests/test_wheel.py works in one",
    "cd": "goes there",
    "ln": "tests/test_wheel.py makes these links",
    "$EDITOR": "a person's",
    "openssl": "random bytes for a secret; the tests pipe bytes of their own",
    "source": "tests/test_completion.py sources it, in each shell",
    "cat": "shows the file that the line before wrote",
    "PATH=/usr/local/bin:/usr/bin:/bin:/home/your-login/.local/bin": "a setting of cron",
}
# Headings whose blocks tests/e2e/test_emergency.py plays, word by word.
PLAYED = {
    "Application down",
    "Roll back by hand",
    "Database connection lost",
    "Disk space full",
}


def typed(text):
    """Return the commands of ours in this text, as words."""
    return [shlex.split(found) for found in OURS.findall(text)]


def documented():
    """Yield every command of ours, with where it stands."""
    for page in PAGES:
        text = (CHECKOUT / page).read_text()
        lines = [
            command(line)
            for block in blocks(page)
            for line in block.lines
            if block.language != "python"
        ]
        lines += re.findall(r"`([^`\n]+)`", text)
        for line in lines:
            yield from ((page, words) for words in typed(line) if not re.search("…|TASK", line))
    for name in sorted(ns.task_names):
        for line in examples(inspect.getdoc(ns[name]) or "", "fab -H NAME"):
            yield from ((name, words) for words in typed(command(line)))


@cache
def parsed(words):
    """Return what the parser makes of a command: what is not of a task, and each task."""
    initial = Fab().initial_context
    (core, *_) = first = Parser(initial=initial, ignore_unknown=True).parse_argv(words[1:])
    rest = Parser(contexts=ns.to_contexts(), initial=initial).parse_argv(first.unparsed)
    return core, rest[1:]


COMMANDS = sorted({(page, tuple(words)) for page, words in documented()})


@pytest.mark.parametrize(("page", "words"), COMMANDS, ids=lambda value: str(value)[:60])
def test_every_command_can_be_typed_as_it_stands(page, words):
    if words[1:2] in OWN:
        return
    core, tasks = parsed(words)
    hosts, page_wanted = (
        core.args["hosts"].value,
        core.args["help"].value or core.args["list"].value,
    )
    assert tasks or page_wanted or hosts, f"{page}: {shlex.join(words)} does nothing"
    if words[0] == "fab" and tasks and not page_wanted:
        assert hosts, f"{page}: {shlex.join(words)} names no host"
    if words[0] == "inv":
        assert not hosts


def said_in_e2e():
    """Return every word that an end-to-end test can say: texts without blanks in their code."""
    trees = [ast.parse(path.read_text()) for path in (CHECKOUT / "tests/e2e").glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {node.value for node in nodes if isinstance(node.value, str)}


def test_every_task_and_option_that_is_documented_is_run_by_an_end_to_end_test_or_listed():
    said, wanted = said_in_e2e(), set()
    for _, words in COMMANDS:
        wanted |= {word.partition("=")[0] for word in words if word.startswith("--")}
        tasks = [] if words[1:2] in OWN else parsed(words)[1]
        wanted |= {task.name for task in tasks if not {*task.aliases} & said}
    assert wanted - said == set(NOT_RUN)


def programs(line):
    """Return the first word of each command in a line of shell."""
    bare = re.sub(r"^(?:[\d*/,-]+\s+){5}", "", command(line))
    parts = re.split(r"\|\||&&|[|;]", re.sub(r"'[^']*'|\"[^\"]*\"", "''", bare))
    firsts = [part.split()[0] for part in parts if part.split()]
    return [Path(first).name if Path(first).name in DOORS else first for first in firsts]


def foreign(page):
    """Yield the programs of others in the commands of a page; a picture of files is no command."""
    for block in blocks(page):
        if block.language in {"", "cron"} and block.heading not in PLAYED:
            firsts = [first for line in block.lines for first in programs(line)]
            if any(first in {*DOORS, *NOT_OURS} or shutil.which(first) for first in firsts):
                yield from (first for first in firsts if first not in DOORS)


def test_every_other_program_in_a_code_block_is_listed_with_the_reason_why_it_is_not_run():
    assert {first for page in PAGES for first in foreign(page)} == set(NOT_OURS)


@pytest.mark.parametrize("page", PAGES)
def test_a_script_in_the_documentation_is_one(page):
    for block in blocks(page):
        if block.language == "sh":
            script = "\n".join(block.lines)
            done = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
            assert done.returncode == 0, script


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_heading_that_a_page_names_is_there(page):
    text = (CHECKOUT / page).read_text()
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = target.partition("#")
        if not file.startswith(("http:", "https:")):
            place = (CHECKOUT / page).parent / file if file else CHECKOUT / page
            assert place.exists(), target
            assert not anchor or anchor in anchors(place), target
    for file in re.findall(r"`(?:tests|docs|completion|sandbox)/[\w./-]+\.\w+`", text):
        assert (CHECKOUT / file.strip("`")).exists(), file


def anchors(page: Path):
    """Return what can be linked to in a page."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def table():
    """Return the rows of the task table: the names of a task, and what it does."""
    text = (CHECKOUT / "README.md").read_text()
    part = text.partition("\n## Tasks\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*) \|$", part, re.MULTILINE)
    return [(re.findall(r"`([\w.]+)", names), does.replace("`", "")) for names, does in rows]


def test_the_table_of_tasks_has_each_task_once_with_the_words_of_the_listing():
    shown = {name: does for names, does in table() for name in names}
    listed = {name: inspect.getdoc(ns[name]).partition("\n")[0] for name in ns.task_names}
    aliases = {alias: listed[name] for name, some in ns.task_names.items() for alias in some}
    assert {name for name in listed if not {name, *ns.task_names[name]} & set(shown)} == set()
    known = listed | aliases
    assert {name: does for name, does in shown.items() if known.get(name) != does} == {}


def test_the_example_of_a_new_task_is_all_that_is_needed(tmp_path):
    readme = (CHECKOUT / "README.md").read_text()
    task, op = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    shutil.copytree(CHECKOUT / "fabfile", tmp_path / "fabfile")
    shutil.copy(CHECKOUT / "tasks.py", tmp_path)
    with (tmp_path / "fabfile/monitor.py").open("a") as file:
        file.write(f"\n\n{task}")
    (tmp_path / "fabfile/ops/uptime.py").write_text(op)
    contents = tmp_path / "fabfile/ops/__init__.py"
    contents.write_text(contents.read_text().replace("__all__ = [", '__all__ = ["uptime",'))
    inventory = tmp_path / "inventory/hosts.toml"
    inventory.parent.mkdir()
    here = f'address = "local"\nproject_dir = "{tmp_path}"\n'
    inventory.write_text(f'[hosts.x]\n{here}app = "x"\nhealth_url = "http://x/"\n')
    done = subprocess.run(
        [Path(sys.executable).parent / "inv", "monitor.uptime", "--json"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, '"up_since":"20' in done.stdout) == (0, True), done
