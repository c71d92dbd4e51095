"""Programs for a host that may lack everything but a shell: bash, and lines of words as answer."""

from __future__ import annotations

from ..pure.answers import words_of
from ..pure.errors import HostError
from ..pure.reason import reason_in
from ..pure.shell import positional
from .answer import expecting
from .door import Host
from .programs import shell_program

_SEVERAL = {"authkeys", "tool"}  # whose first argument says what they do
Answer = dict[str, list[list[str]]]


def bare(host: Host, program: str, *arguments: str, data: bytes = b"") -> Answer:
    """Return the lines that a bash program answers: by their first word, the words behind it.

    It needs no node. Raise HostError when it fails, AnswerError for an answer that is none of its,
    UnreachableError or one of its kinds.
    """
    text = f"{positional((*arguments, ''))}\n{shell_program(program)}"
    code, out, err = host.execute(text, data)
    if code != 0:
        said = reason_in(host.redactor.text(err)) or f"exit {code}"
        raise HostError(f"{program} failed on {host.name}: {said}", host.typed("ssh.check"))
    with expecting(host.name):
        return words_of(_named(program, arguments), out)


def _named(program: str, arguments: tuple[str, ...]) -> str:
    """Return the name of a program, with its first argument where that says what it does."""
    does = arguments[:1] if program in _SEVERAL else ()
    return " ".join((program, *does))
