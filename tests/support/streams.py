"""Streams for the tests of what is shown."""

import io
import re


class Terminal(io.StringIO):
    """A terminal that remembers what was written to it."""

    def isatty(self):
        """Return that it is one."""
        return True


class GonePipe(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, text):
        """Raise what the system raises."""
        raise BrokenPipeError(text)


class AsciiTerminal(Terminal):
    """A terminal of an old locale."""

    encoding = "ascii"


def screen(text):
    """Return the lines that a terminal holds after this text, without blanks at their ends."""
    lines, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", text):
        if token == "\n":
            row, column = row + 1, 0
            lines += [""] * (row == len(lines))
        elif token == "\r":
            column = 0
        elif token.endswith("A"):
            row -= int(token[2:-1] or 1)
        elif token == "\x1b[2K":
            lines[row] = ""
        elif not token.startswith("\x1b"):
            lines[row] = (
                lines[row][:column].ljust(column) + token + lines[row][column:][len(token) :]
            )
            column += len(token)
    return "\n".join(map(str.rstrip, lines[: row + 1]))
