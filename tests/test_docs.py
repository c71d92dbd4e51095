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
from mantodeus_ops.cli.help_layout import examples
from mantodeus_ops.inventory.settings import KEYS
from sandbox import pages as sandbox_pages
from tests.support.doc_pages import CHECKOUT, blocks, command
from tests.support.house_words import FORBIDDEN, pattern
from tests.support.typed_commands import (
    GENERATED,
    NOT_TYPED,
    PAGES,
    PLAYED,
    READ,
    in_blocks,
    in_texts,
)

PROGRAMS = ("fab", "inv", "mantodeus-ops")
OURS = re.compile(
    rf"(?:^|[|&;(] *|run: )(?:[\w.~/-]+/)?((?:{'|'.join(PROGRAMS)}) (?:\"[^\"]*\"|[^|&;<>()#`\"])*)"
)

OWN = {("init",), ("completion",)}  # no tasks; tests/test_wheel.py runs them
# What no end-to-end test says of the examples in the --help pages, and why.
NOT_RUN = set()
TOPS = (CHECKOUT, CHECKOUT / "mantodeus_ops", CHECKOUT / "tests")
EXAMPLE = "mantodeus_ops/monitor/uptime.py"  # the file that the example of a new task adds


def typed(text):
    """Return the commands of ours in this text, as words."""
    return [shlex.split(found) for found in OURS.findall(text)]


def documented():
    """Yield every command of ours, with where it stands."""
    for one in (*in_blocks("cron", "sh", "yaml", "text"), *in_texts()):
        yield from ((one.page, words) for words in typed(one.line))
    yield from in_help()


def in_help():
    """Yield every example of a `--help`, with its task."""
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


def test_every_task_and_option_of_an_example_is_said_in_an_end_to_end_test_or_listed():
    said, wanted = said_in_e2e(), set()
    for _, words in in_help():
        wanted |= {word.partition("=")[0] for word in words if word.startswith("--")}
        wanted |= {task.name for task in parsed(tuple(words))[1] if not {*task.aliases} & said}
    assert wanted - said == NOT_RUN


def test_what_no_test_types_of_a_page_still_stands_there():
    assert set(NOT_TYPED) <= {one.line for one in (*in_blocks(), *in_texts())}


@pytest.mark.parametrize("heading", PLAYED)
def test_what_another_test_plays_is_named_there_and_still_stands_on_a_page(heading):
    assert heading in {one.heading for one in in_blocks("cron", "sh", "yaml")}
    assert heading in (CHECKOUT / PLAYED[heading]).read_text()


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
    for file in {*re.findall(r"`((?:\w+/)+\w+\.(?:py|js|sh|md|svg))`", text)} - {EXAMPLE}:
        tops = [top for top in TOPS if (top / file.partition("/")[0]).is_dir()]
        assert not tops or any((top / file).exists() for top in tops), file


@pytest.mark.parametrize("page", [*READ, "CHANGELOG.md", "sandbox/README.md"])
def test_a_page_has_none_of_the_words_that_are_given_up(page):
    prose = re.sub(r"`[^`\n]*`", "", (CHECKOUT / page).read_text())
    found = {word for word in FORBIDDEN if pattern(word).search(prose)}
    assert found == set(), "docs/architecture.md has the word to use"


def anchors(page: Path):
    """Return what can be linked to in a page."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", sandbox_pages.PAGES)
def test_a_page_that_is_made_from_the_code_is_up_to_date(page):
    assert (CHECKOUT / page).read_text() == sandbox_pages.PAGES[page](), "run: make pages"


def test_every_task_and_every_key_has_its_row():
    tasks, inventory = ((CHECKOUT / page).read_text() for page in GENERATED)
    shown = set(re.findall(r"^\| `([\w.]+)", tasks, re.MULTILINE))
    assert {name for name in ns.task_names if "." in name} <= shown
    assert set(KEYS) <= set(re.findall(r"^\| `([\w.]+)` \|", inventory, re.MULTILINE))


def test_each_short_name_leads_to_the_task_of_its_row():
    rows = re.findall(r"^\| `([\w.]+)[^`]*` \((.*?)\) \|", sandbox_pages.tasks_page(), re.MULTILINE)
    assert len(rows) == 11
    for task, names in rows:
        assert all(ns[name] is ns[task] for name in re.findall(r"`(\w+)`", names)), names


def test_the_readme_is_read_in_two_minutes():
    assert len((CHECKOUT / "README.md").read_text().splitlines()) <= 150


def test_every_status_that_a_row_can_have_is_explained():
    code = "\n".join(path.read_text() for path in (CHECKOUT / "mantodeus_ops").rglob("*.py"))
    given = set(re.findall(r'\bReport\(\s*"(\w+)"|^    status = "(\w+)"', code, re.MULTILINE))
    text = (CHECKOUT / "docs/automation.md").read_text()
    part = text.partition("\n| `status` | means |\n")[2].partition("\n\n")[0]
    told = {word for line in part.splitlines() for word in re.findall(r"`(\w+)`", line[:40])}
    assert {word for pair in given for word in pair if word} <= told


def test_the_example_of_a_new_task_is_all_that_is_needed(tmp_path):
    page = (CHECKOUT / "docs/architecture.md").read_text()
    task, flow = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    for top in ("fabfile", "mantodeus_ops"):
        shutil.copytree(CHECKOUT / top, tmp_path / top)
    shutil.copy(CHECKOUT / "tasks.py", tmp_path)
    with (tmp_path / "fabfile/monitor.py").open("a") as file:
        file.write(f"\n\n{task}")
    (tmp_path / EXAMPLE).write_text(flow)
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
