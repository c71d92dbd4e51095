"""Programs for a host that may lack everything but a shell: bash, and lines of words as answer."""

from __future__ import annotations

from ..pure.errors import HostError
from ..pure.shell import positional
from .door import Host
from .programs import shell_program

Answer = dict[str, list[list[str]]]


def bare(host: Host, program: str, *arguments: str, data: bytes = b"") -> Answer:
    """Return the lines that a bash program answers: by their first word, the words behind it.

    It needs no node. Raise HostError when it fails, UnreachableError or one of its kinds.
    """
    text = f"{positional((*arguments, ''))}\n{shell_program(program)}"
    code, out, err = host.execute(text, data)
    if code != 0:
        said = host.redactor.text(err.strip())[-300:] or f"exit {code}"
        raise HostError(f"{program} failed on {host.name}: {said}", host.typed("ssh.check"))
    answer: Answer = {}
    for line in out.splitlines():
        name, *words = line.split("\t")
        answer.setdefault(name, []).append(words)
    return answer
