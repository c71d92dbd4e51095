"""The pages of docs/ that are made from the code: `make pages` writes them.

docs/tasks.md comes from the tasks and their `--help`, docs/inventory.md from inventory/hosts.toml,
whose keys and defaults tests/inventory/test_example_files.py compares with the code.
"""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields

from invoke.collection import Collection
from invoke.parser.argument import Argument
from invoke.parser.context import ParserContext

from fabfile import ns
from mantodeus_ops.cli.help_layout import examples, with_remarks
from mantodeus_ops.cli.parser import is_hidden, may_be_missing
from mantodeus_ops.cli.task import COMMON_OPTIONS
from mantodeus_ops.inventory.settings import REQUIRED, App, HostSpec

from .commands import CHECKOUT

WIDTH = 100
NOTE = "<!-- Written by `make pages`; do not edit. -->\n"
TASKS = """\
Every task with its examples and options, as `inv --list` and `inv --help TASK` print them. On the
server itself, type `inv` in place of `fab -H NAME`. These options are common to many tasks and not
repeated below:
"""
INVENTORY = """\
`inventory/hosts.toml` names the hosts and what runs on them; `mantodeus-ops init` writes it with
every key explained. `[defaults]`, `[groups.NAME]` and `[hosts.NAME]` take the same keys, and a
later table overrides an earlier one, groups in the order of the file. `hosts` in a group lists
hosts and other groups; `local`, at the top, names the entry that is this machine for `inv`. Paths
are relative to `project_dir`. No secret belongs in this file.
"""
# A key with its value, and the remark behind it: the key is commented out where it shows a default.
_KEY = re.compile(r"^(?P<shown># )?(?P<key>[a-z0-9_.]+) = (?P<value>.*?)(?:  +# (?P<remark>.*))?$")

Option = tuple[str, str]
CONTEXTS: Mapping[str, ParserContext] = {str(context.name): context for context in ns.to_contexts()}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return [
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    ]


def tasks_page() -> str:
    """Return the page of all tasks."""
    lines = [
        "# Tasks",
        "",
        NOTE,
        TASKS,
        *table(("common option", "what it does", "tasks"), _common()),
        "",
    ]
    for name, group in ns.collections.items():
        lines += [f"## {name}", "", _first(group), "", *_overview(name, group), ""]
        for task in group.tasks:
            lines += _section(f"{name}.{task}")
    return "\n".join(lines).rstrip("\n") + "\n"


def _first(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def _common() -> list[Sequence[str]]:
    """Return the common options, and which tasks take them."""
    every = {flag for flag, _ in _options("status")}
    return [
        (f"`{flag}`", text, "all" if flag in every else "those that change something")
        for flag, text in _options("restart")
        if _name(flag) in COMMON_OPTIONS
    ]


def _options(task: str) -> list[Option]:
    return [
        (flag.replace("=STRING", "=VALUE"), text or "")
        for flag, text in CONTEXTS[task].help_tuples()
    ]


def _name(flag: str) -> str:
    return flag.removeprefix("--").partition("=")[0]


def _overview(name: str, group: Collection) -> list[str]:
    rows = [(_called(f"{name}.{task}"), _first(group.tasks[task])) for task in group.tasks]
    return table(("task", "what it does"), rows)


def _called(task: str) -> str:
    """Return a task's name as a heading of the table: with its arguments and its short names."""
    words = [task, *filter(None, map(_positional, CONTEXTS[task].positional_args))]
    others = ", ".join(f"`{other}`" for other in short_names(task))
    return f"`{' '.join(words)}`" + (f" ({others})" if others else "")


def _positional(argument: Argument) -> str:
    name = (argument.name or "").upper()
    return "" if is_hidden(argument) else f"[{name}]" if may_be_missing(argument) else name


def short_names(task: str) -> list[str]:
    """Return the other names of a task: as the default of its group, or without its group."""
    _, _, alone = task.partition(".")
    at_root = ns.tasks.get(alone, None)
    return [*ns.task_names[task], *([alone] if at_root is ns[task] else [])]


def _section(task: str) -> list[str]:
    doc = inspect.getdoc(ns[task]) or ""
    typed = with_remarks(examples(doc, "fab -H NAME"))
    own = [
        (f"`{flag}`", text) for flag, text in _options(task) if _name(flag) not in COMMON_OPTIONS
    ]
    lines = [f"### {task}", "", *textwrap.wrap(_first(ns[task]), WIDTH), ""]
    lines += ["```text", *typed, "```", ""] if typed else []
    return lines + ([*table(("option", "what it does"), own), ""] if own else [])


def inventory_page() -> str:
    """Return the page of all keys of the inventory."""
    lines = ["# Inventory", "", NOTE, INVENTORY]
    text = (CHECKOUT / "inventory/hosts.toml").read_text(encoding="utf-8")
    for title, keys in _sections(text):
        lines += [f"## {title}", "", *table(("key", "default", "meaning"), keys), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _sections(text: str) -> Iterator[tuple[str, list[Sequence[str]]]]:
    """Yield each title of the inventory with its keys; a title is a paragraph of one remark."""
    title, rows = "Groups and defaults", []
    for paragraph in text.split("\n\n"):
        found = list(_keys(paragraph))
        if found or "\n" in paragraph.strip():
            rows += found
        elif paragraph.startswith("# "):
            yield title, rows
            title, rows = paragraph.strip().removeprefix("# "), []
    yield title, rows


def _keys(paragraph: str) -> Iterator[Sequence[str]]:
    """Yield each key with its default and its meaning, which stands behind it or in front of it."""
    above = ""
    for line in paragraph.splitlines():
        if key := _KEY.match(line):
            yield f"`{key['key']}`", _default(key), key["remark"] or above
        above = line.removeprefix("# ")


def _default(key: re.Match[str]) -> str:
    """Return what a commented key shows, or what the code has for one that is set."""
    name = key["key"]
    if name in REQUIRED:
        return "required"
    known = {field.name: field.default for of in (App, HostSpec) for field in fields(of)}
    shown = key["value"] if key["shown"] else json.dumps(known[name]) if name in known else ""
    return f"`{shown}`" if shown else ""


PAGES = {"docs/tasks.md": tasks_page, "docs/inventory.md": inventory_page}


def main() -> None:
    """Write every page."""
    for path, page in PAGES.items():
        (CHECKOUT / path).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
