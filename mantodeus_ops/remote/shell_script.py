"""Runs bash programs on hosts that may lack node; their answers are lines of words."""

from __future__ import annotations

from mantodeus_ops.errors import HostError
from mantodeus_ops.remote.answers.read_answer import answer_errors
from mantodeus_ops.remote.answers.words import decode_words
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.programs import shell_program
from mantodeus_ops.remote.shell import set_positional_args
from mantodeus_ops.text.failure_reason import reason_in

_SEVERAL = {
    "ssh/authorized_keys",
    "webhook/find_python",
}  # programs whose first argument is a subcommand
Answer = dict[str, list[list[str]]]


def query_shell(host: Host, program: str, *arguments: str, data: bytes = b"") -> Answer:
    """Return the answer of a bash program: by the first word of a line, its other words.

    Raise HostError when it fails, AnswerError for an invalid answer, UnreachableError or a
    subclass.
    """
    text = f"{set_positional_args((*arguments, ''))}\n{shell_program(program)}"
    code, out, err = host.execute(text, data)
    if code != 0:
        reason = reason_in(host.redactor.text(err)) or f"exit {code}"
        raise HostError(f"{program} failed on {host.name}: {reason}", host.command_for("ssh.check"))
    with answer_errors(host.name):
        return decode_words(_program_with_step(program, arguments), out)


def _program_with_step(program: str, arguments: tuple[str, ...]) -> str:
    """Return the name of a program, with its subcommand if it has one."""
    does = arguments[:1] if program in _SEVERAL else ()
    return " ".join((program, *does))
