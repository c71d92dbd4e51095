"""Prints `--list` and `--help` for these tasks, instead of Invoke's pages."""

from __future__ import annotations

import inspect
import sys

from invoke.collection import Collection
from invoke.exceptions import Exit
from invoke.parser.argument import Argument
from invoke.program import Program
from invoke.terminals import pty_size

from mantodeus_ops.cli import help_layout
from mantodeus_ops.cli.parser import UsageParseError, is_hidden, may_be_missing, names_of
from mantodeus_ops.cli.task import COMMON_OPTIONS

_WIDEST = 100
_NAME = 12  # columns before the title of a group


def print_list(program: Program) -> bool:
    """Print the tasks by groups, unless a depth was asked for; return whether it was done."""
    if not program.list_depth:
        sys.stdout.write(_listing(program))
    return not program.list_depth


def print_help(program: Program, name: str) -> bool:
    """Print the page of a task; return that it was done."""
    sys.stdout.write(_page(program, name))
    return True


def refuse_unknown(program: Program) -> bool:
    """Refuse an unknown task or group."""
    task, group = program.args.help.value, program.args.list.value
    groups = program.collection.collections
    if isinstance(task, str) and task not in program.parser.contexts:
        raise UsageParseError.unknown("task", task, names_of(program.parser.contexts), "--help")
    if isinstance(group, str) and group not in groups:
        raise UsageParseError.unknown("group", group, groups, "--list")
    return False


def print_list_and_exit(program: Program) -> bool:
    """Print the tasks by groups and end the program."""
    sys.stdout.write(_listing(program))
    raise Exit


def _width() -> int:
    return min(pty_size()[0], _WIDEST)


def _program(program: Program) -> str:
    """Return the program and options to type before a task."""
    called = str(program.called_as)
    return f"{called} -H NAME" if "hosts" in program.args else called


def _listing(program: Program) -> str:
    root = program.collection
    groups = [
        (f"{name}: {_title(group)}", _tasks(name, group))
        for name, group in root.collections.items()
        if program.list_root in {None, name}
    ]
    program_name = _program(program)
    foot = [
        ("Without their group", f"{' '.join(root.tasks)}"),
        (f"{program.called_as} --help TASK", "what it does, examples, options"),
        (
            f"{program_name} TASK",
            "on hosts of the inventory" if " -H " in program_name else "on this machine",
        ),
    ]
    return "\n".join(
        [help_layout.listing(groups, _width()), *help_layout.columns(foot, _width()), ""]
    )


def _tasks(group: str, collection: Collection) -> list[tuple[str, str]]:
    """Return the names and first lines of a group, its default first, as people type them."""
    default = collection.default
    names = sorted(collection.tasks, key=lambda name: name != default)
    short = default in {group, "create", "list"}
    return [
        (group if short and name == default else f"{group}.{name}", _first(collection.tasks[name]))
        for name in names
    ]


def _first(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def _title(group: Collection) -> str:
    text = help_layout.shorten(_first(group), _width() - _NAME)
    return text[:1].lower() + text[1:]


def _page(program: Program, name: str) -> str:
    task: object = program.collection[name]
    context = program.parser.contexts[name]
    pairs = [(flag, text or "") for flag, text in context.help_tuples()]
    common = [pair for pair in pairs if pair[0].partition("=")[0][2:] in COMMON_OPTIONS]
    own = [pair for pair in pairs if pair not in common]
    typed = " ".join([_program(program), name, *map(_positional, context.positional_args)])
    shown = help_layout.examples(inspect.getdoc(task) or "", _program(program)) or [typed]
    lines = [f"{typed.rstrip(' ')} [options]", "", *help_layout.paragraph(_first(task), _width())]
    lines += ["", "Examples", *(f"  {line}" for line in help_layout.with_remarks(shown))]
    for title, some in (("Options", own), ("Common options", common)):
        lines += ["", title, *help_layout.columns(some, _width())] if some else []
    return "\n".join(lines) + "\n"


def _positional(argument: Argument) -> str:
    """Return a positional argument as shown in the usage line."""
    name = (argument.name or "").upper()
    return "" if is_hidden(argument) else f"[{name}]" if may_be_missing(argument) else name
