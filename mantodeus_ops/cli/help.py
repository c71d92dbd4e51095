"""What `--list` and `--help` print of these tasks, instead of Invoke's own pages."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

from invoke.exceptions import Exit
from invoke.program import Program
from invoke.terminals import pty_size

from mantodeus_ops.cli import help_layout
from mantodeus_ops.cli.parser import UsageParseError, is_hidden, may_be_missing, names_of
from mantodeus_ops.cli.task import COMMON_OPTIONS, HostTask
from mantodeus_ops.ui.streams import hold

_WIDEST = 100
_NAME = 12  # columns before the title of a group


def install() -> None:
    """Put our pages into Invoke's programs, which have no hook for them; others keep theirs."""
    _put("parse_tasks", _hold_streams)
    _put("list_flat", _list)
    _put("print_task_help", _help)
    _put("parse_cleanup", _refuse_unknown)
    _put("no_tasks_given", _list_and_end)


def _put(method: str, ours: Callable[..., bool]) -> None:
    """Replace a method of Invoke's: `ours` is asked first, and says whether that was all."""
    theirs = getattr(Program, method)

    def both(self: Any, *words: Any) -> None:
        if not (_ours(self.collection) and ours(self, *words)):
            theirs(self, *words)

    setattr(Program, method, both)


def _hold_streams(program: Any) -> bool:
    """Keep the streams from failing, before the first word of ours is said."""
    del program
    hold()
    return False


def _list(program: Any) -> bool:
    if not program.list_depth:
        sys.stdout.write(_listing(program))
    return not program.list_depth


def _help(program: Any, name: str) -> bool:
    sys.stdout.write(_page(program, name))
    return True


def _refuse_unknown(program: Any) -> bool:
    """Refuse to explain a task or group that is not there."""
    task, group = program.args.help.value, program.args.list.value
    groups = program.collection.collections
    if isinstance(task, str) and task not in program.parser.contexts:
        raise UsageParseError.unknown("task", task, names_of(program.parser.contexts), "--help")
    if isinstance(group, str) and group not in groups:
        raise UsageParseError.unknown("group", group, groups, "--list")
    return False


def _list_and_end(program: Any) -> bool:
    sys.stdout.write(_listing(program))
    raise Exit


def _ours(collection: Any) -> bool:
    return any(isinstance(task, HostTask) for task in collection.tasks.values())


def _width() -> int:
    return min(pty_size()[0], _WIDEST)


def _door(program: Any) -> str:
    """Return what stands before a task where this program was called."""
    called = str(program.called_as)
    return f"{called} -H NAME" if "hosts" in program.args else called


def _listing(program: Any) -> str:
    root = program.collection
    groups = [
        (f"{name}: {_title(group)}", _tasks(name, group))
        for name, group in root.collections.items()
        if program.list_root in {None, name}
    ]
    door = _door(program)
    foot = [
        ("Without their group", f"{' '.join(root.tasks)}"),
        (f"{program.called_as} --help TASK", "what it does, examples, options"),
        (f"{door} TASK", "on hosts of the inventory" if " -H " in door else "on this machine"),
    ]
    return "\n".join(
        [help_layout.listing(groups, _width()), *help_layout.columns(foot, _width()), ""]
    )


def _tasks(group: str, collection: Any) -> list[tuple[str, str]]:
    """Return the names and first lines of a group, its default first, as people type them."""
    default = collection.default
    names = sorted(collection.tasks, key=lambda name: name != default)
    short = default in {group, "create", "list"}
    return [
        (group if short and name == default else f"{group}.{name}", _first(collection.tasks[name]))
        for name in names
    ]


def _first(documented: Any) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


def _title(group: Any) -> str:
    text = help_layout.fitting(_first(group), _width() - _NAME)
    return text[:1].lower() + text[1:]


def _page(program: Any, name: str) -> str:
    task: Any = program.collection[name]
    context = program.parser.contexts[name]
    pairs = [(flag, text or "") for flag, text in context.help_tuples()]
    common = [pair for pair in pairs if pair[0].partition("=")[0][2:] in COMMON_OPTIONS]
    own = [pair for pair in pairs if pair not in common]
    typed = " ".join([_door(program), name, *map(_positional, context.positional_args)])
    shown = help_layout.examples(inspect.getdoc(task) or "", _door(program)) or [typed]
    lines = [f"{typed.rstrip(' ')} [options]", "", *help_layout.paragraph(_first(task), _width())]
    lines += ["", "Examples", *(f"  {line}" for line in help_layout.with_remarks(shown))]
    for title, some in (("Options", own), ("Common options", common)):
        lines += ["", title, *help_layout.columns(some, _width())] if some else []
    return "\n".join(lines) + "\n"


def _positional(argument: Any) -> str:
    """Return how an argument without a name stands in the line that shows the form."""
    name = argument.name.upper()
    return "" if is_hidden(argument) else f"[{name}]" if may_be_missing(argument) else name
