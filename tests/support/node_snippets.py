"""A host program with a piece of JavaScript behind it, all of it in one scope.

The modules stand one after the other, so that the piece sees every name of theirs and may replace
what is no constant. A program runs where the piece says `runMain(main)`.
"""

import re

from mantodeus_ops.remote.programs import program_modules

_IMPORT = re.compile(r"^(?:const (\{[^}]*\}|\w+) = )?require\('([^']+)'\);\n", re.MULTILINE)
_FUNCTION = re.compile(r"^(?:async )?function\*? (\w+)\(", re.MULTILINE)
_EXPORTS = re.compile(r"^module\.exports = \{[^}]*\};\n", re.MULTILINE)
_BESIDE = ("remote/commands", "remote/time", "text/whitespace")  # for any piece to use
_ALWAYS = {("fs", "fs"), ("path", "path"), ("net", "net"), ("http", "http"), ("crypto", "crypto")}


def with_snippet(program, snippet, *also):
    """Return the text of the program, and of these others, with the snippet behind it."""
    texts = [path.read_text() for path in program_modules(*_BESIDE, *also, program)]
    asked = {pair for text in texts for pair in _IMPORT.findall(text) if pair[0]}
    foreign = {
        (name, module) for names, module in asked if module[0] != "." for name in _each(names)
    }
    head = "".join(
        f"const {name} = require('{module}'){part};\n"
        for name, module, part in sorted(_part(*pair) for pair in _ALWAYS | foreign)
    )
    body = "".join(_EXPORTS.sub("", _IMPORT.sub("", text)) for text in texts)
    # Of two functions with one name, the second would silently replace the first.
    names = _FUNCTION.findall(body)
    assert len(names) == len(set(names)), sorted(name for name in names if names.count(name) > 1)
    return f"'use strict';\n{head}{body}\nfailUncaught();\n{snippet}"


def _each(names):
    """Return the names that a line of require gives; of those in braces, each with a dot."""
    return [f".{name}" for name in re.findall(r"\w+", names)] if names[0] == "{" else [names]


def _part(name, module):
    return name.lstrip("."), module, name if name[0] == "." else ""
