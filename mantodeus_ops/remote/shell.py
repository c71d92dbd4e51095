"""The one place that quotes: argv, variables and whole programs become shell text here."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Argv = tuple[str, ...]

# A login shell may be anything; these words mean the same in all of them. The program itself comes
# by standard input, after a line that says how long it is, so that no argument shows it to `ps`.
FRAME = 'bash -c \'IFS= read -r n && eval "$(head -c "$n")"\''


@dataclass(frozen=True, slots=True)
class Command:
    """One program to run: its argv, where, with which variables, and for how long at most."""

    argv: Argv
    cwd: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: int = 0
    shown: Argv = ()  # what a person reads of it, where that is less

    def line(self) -> str:
        """Return the command as a person would type it."""
        if self.shown:
            return shlex.join(self.shown)
        variables = "".join(f"{name}={shlex.quote(value)} " for name, value in self.env.items())
        return variables + shlex.join(self.argv)


def command_text(command: Command) -> str:
    """Return shell text that runs the command; a time limit ends its whole process group."""
    argv = shlex.join(command.argv)
    if command.env:
        variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in command.env.items())
        argv = f"env {variables} {argv}"
    if command.timeout_seconds:
        argv = f"timeout -k 5 {command.timeout_seconds} {argv}"
    return f"cd {shlex.quote(command.cwd)} && {argv}" if command.cwd else argv


def commands_text(commands: Iterable[Command]) -> str:
    """Return shell text that shows and runs the commands, and ends at the first that fails."""
    lines: list[str] = []
    for command in commands:
        lines += [
            f"printf '%s\\n' {shlex.quote('$ ' + command.line())}",
            f"{command_text(command)} || exit",
        ]
    return "\n".join(lines)


def assign_variable(name: str, value: str) -> str:
    """Return the line that gives a shell variable this value."""
    return f"{name}={shlex.quote(value)}"


def assign_path(name: str, folders: Iterable[str]) -> str:
    """Return the line that gives a shell variable these folders; ~/ is the home there."""
    return f"{name}={':'.join(map(_folder, folders))}"


def _folder(path: str) -> str:
    rest = path.removeprefix("~/")
    return shlex.quote(path) if rest == path else f'"$HOME"/{shlex.quote(rest)}'


def set_positional_args(values: Sequence[str]) -> str:
    """Return the line that sets $1, $2 and so on."""
    return f"set -- {shlex.join(values)}"


def frame(program: str, data: bytes = b"") -> bytes:
    """Return what the FRAME reads: the program, then the program's own standard input.

    The braces make one command of the program: when the line drops in the middle of it, the shell
    runs none of it. Line by line, it would run the first half, and half of a path.
    """
    text = f"{{\n{program}\n}}".encode()
    return f"{len(text)}\n".encode() + text + data
