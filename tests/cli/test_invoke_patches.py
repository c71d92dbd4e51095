"""What is changed of Invoke's own classes."""

from invoke.parser import Parser, ParserContext
from invoke.parser.parser import ParseMachine

from fabfile import ns


def test_options_are_copied_for_each_naming_of_their_task_and_for_no_other():
    parser = Parser(contexts=ns.to_contexts(), initial=ParserContext())
    first, second = parser.parse_argv(["logs", "--lines", "5", "logs"])[1:]
    assert (first.args["lines"].value, second.args["lines"].value) == ("5", "")
    machine = ParseMachine(parser.initial, parser.contexts, ignore_unknown=False)
    assert machine.contexts is parser.contexts
