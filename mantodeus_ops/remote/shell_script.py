"""Programs for a host that may lack everything but a shell: bash, and lines of words as answer."""

from __future__ import annotations

from mantodeus_ops.errors import HostError
from mantodeus_ops.remote.answers.parse import expecting
from mantodeus_ops.remote.answers.words import words_of
from mantodeus_ops.remote.host import Host
from mantodeus_ops.remote.programs import shell_program
from mantodeus_ops.remote.shell import set_positional_args
from mantodeus_ops.text.failure_reason import reason_in

_SEVERAL = {"ssh/authorized_keys", "webhook/find_python"}  # whose first argument says what they do
Answer = dict[str, list[list[str]]]


def bare(host: Host, program: str, *arguments: str, data: bytes = b"") -> Answer:
    """Return the lines that a bash program answers: by their first word, the words behind it.

    It needs no node. Raise HostError when it fails, AnswerError for an answer that is none of its,
    UnreachableError or one of its kinds.
    """
    text = f"{set_positional_args((*arguments, ''))}\n{shell_program(program)}"
    code, out, err = host.execute(text, data)
    if code != 0:
        said = reason_in(host.redactor.text(err)) or f"exit {code}"
        raise HostError(f"{program} failed on {host.name}: {said}", host.command_for("ssh.check"))
    with expecting(host.name):
        return words_of(_named(program, arguments), out)


def _named(program: str, arguments: tuple[str, ...]) -> str:
    """Return the name of a program, with its first argument where that says what it does."""
    does = arguments[:1] if program in _SEVERAL else ()
    return " ".join((program, *does))
