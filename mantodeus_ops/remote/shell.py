"""Quotes argv, variables and programs as shell text."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

Argv = tuple[str, ...]

# Works in any login shell. The program itself arrives on stdin, after a line with its length, so
# that `ps` does not show it.
FRAME = 'bash -c \'IFS= read -r n && eval "$(head -c "$n")"\''


@dataclass(frozen=True, slots=True)
class Command:
    """A command: argv, directory, variables and time limit."""

    argv: Argv
    cwd: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    timeout_seconds: int = 0
    shown: Argv = ()  # the text that is shown, if it is shorter

    def line(self) -> str:
        """Return the command as it would be typed."""
        if self.shown:
            return shlex.join(self.shown)
        variables = "".join(f"{name}={shlex.quote(value)} " for name, value in self.env.items())
        return variables + shlex.join(self.argv)


def command_text(command: Command) -> str:
    """Return shell text that runs the command; a timeout ends its whole process group."""
    argv = shlex.join(command.argv)
    if command.env:
        variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in command.env.items())
        argv = f"env {variables} {argv}"
    if command.timeout_seconds:
        argv = f"timeout -k 5 {command.timeout_seconds} {argv}"
    return f"cd {shlex.quote(command.cwd)} && {argv}" if command.cwd else argv


def commands_text(commands: Iterable[Command]) -> str:
    """Return shell text that prints and runs the commands, and ends at the first failure."""
    lines: list[str] = []
    for command in commands:
        lines += [
            f"printf '%s\\n' {shlex.quote('$ ' + command.line())}",
            f"{command_text(command)} || exit",
        ]
    return "\n".join(lines)


def assign_variable(name: str, value: str) -> str:
    """Return the assignment of this value to a shell variable."""
    return f"{name}={shlex.quote(value)}"


def assign_path(name: str, folders: Iterable[str]) -> str:
    """Return the assignment of these folders to a shell variable; ~/ is the remote home."""
    return f"{name}={':'.join(map(_folder, folders))}"


def _folder(path: str) -> str:
    rest = path.removeprefix("~/")
    return shlex.quote(path) if rest == path else f'"$HOME"/{shlex.quote(rest)}'


def set_positional_args(values: Sequence[str]) -> str:
    """Return the shell line that sets $1, $2 and so on."""
    return f"set -- {shlex.join(values)}"


def frame(program: str, data: bytes = b"") -> bytes:
    """Return the input of FRAME: the program, then the program's stdin.

    The braces make the program one command: when the connection is lost in the middle, the shell
    runs nothing instead of its first half.
    """
    text = f"{{\n{program}\n}}".encode()
    return f"{len(text)}\n".encode() + text + data
