"""The one place that changes Invoke's own classes, where it has no public hook."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from invoke.parser import parser
from invoke.parser.context import ParserContext
from invoke.parser.parser import ParseMachine
from invoke.program import Program

from mantodeus_ops.cli import help as pages
from mantodeus_ops.cli.parser import UsageParseError, explained, fill_missing, is_no_name
from mantodeus_ops.cli.task import HostTask
from mantodeus_ops.ui.streams import hold

if TYPE_CHECKING:
    from invoke.vendor.lexicon import Lexicon


def install() -> None:
    """Change the parser and the pages of every program that loads these tasks."""
    setattr(parser, "ParseError", UsageParseError)  # noqa: B010 - mypy knows a type, not a name
    _patch_parser(ParseMachine)
    _ask_first("parse_tasks", lambda _: hold())  # before the first word is printed
    _ask_first("list_flat", pages.print_list)
    _ask_first("print_task_help", pages.print_help)
    _ask_first("parse_cleanup", pages.refuse_unknown)
    _ask_first("no_tasks_given", pages.print_list_and_exit)


def _ask_first(method: str, ours: Callable[..., bool | None]) -> None:
    """Call `ours` before this method of Invoke's, which is left out when that returns True."""
    theirs = getattr(Program, method)

    def both(self: Program, *words: str) -> None:
        tasks = self.collection.tasks.values()
        if not (any(isinstance(task, HostTask) for task in tasks) and ours(self, *words)):
            theirs(self, *words)

    setattr(Program, method, both)


def _patch_parser(machine: type[ParseMachine]) -> None:
    begin, complete, handle = machine.__init__, machine.complete_context, machine.handle

    def begun(
        self: ParseMachine, initial: ParserContext, contexts: Lexicon, ignore_unknown: bool
    ) -> None:
        # It would copy the options of all tasks, and then those of each that it comes to once more.
        begin(self, initial, type(contexts)(), ignore_unknown)
        self.contexts = contexts

    def completed(self: ParseMachine) -> None:
        fill_missing(self.context)
        complete(self)

    def handled(self: ParseMachine, token: str) -> None:
        if not self.waiting_for_flag_value and is_no_name(self, token):
            fill_missing(self.context)
        try:
            handle(self, token)
        except UsageParseError as error:
            raise explained(self, token, error) from None

    methods = {"__init__": begun, "complete_context": completed, "handle": handled}
    for name, method in methods.items():
        setattr(machine, name, method)
