"""Texts of a host that is not a friend, and what may be left of them on a terminal."""

import re

HOSTILE = (
    "\x1b]52;c;aGk=\x07\x1b]0;title\x07\x1b[2J\x1b[77;88H\x1b[3;4;5;9mred\x9b31m\x9d0;t\x9c\x1bc"
    "\x07\x08\x00\x7f\x85\u202e\u2028\u2029\x0b\x0c\x1c\x1d\x1e\rtext"
)
# Colours, and the moves of a live line: no other sequence is ours.
_OURS = re.compile(r"\x1b\[(?:[0-9;]*m|[0-9]*A|2K|\?25[lh])")
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def spoiled(value, text=HOSTILE):
    """Return the value with the text behind every string in it; keys stay."""
    if isinstance(value, str):
        return value + text
    if isinstance(value, dict):
        return {key: spoiled(one, text) for key, one in value.items()}
    return [spoiled(one, text) for one in value] if isinstance(value, list | tuple) else value


def obeyed(shown, *, terminal=False):
    """Return what a terminal would obey in a text, but for what is ours on one."""
    if "\x1b[3;4;5;9m" in shown:
        return ["\x1b[3;4;5;9m"]
    own = _OURS.sub("", shown).replace("\r\x1b", "\x1b") if terminal else shown
    return _OBEYED.findall(own.replace("\r", "") if terminal else own)
