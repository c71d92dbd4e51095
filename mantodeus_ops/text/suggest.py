"""Words: for a deploy's parts, as scripts of the old tool read them; a task to type; a slip.

And how texts, of which some are from elsewhere, become one message.
"""

from __future__ import annotations

from collections.abc import Iterable

_AROUND = " \t\r\n;:,"


def nearest(word: str, names: Iterable[str], least: float = 0.0) -> str:
    """Return the name that was probably meant; empty when none is as much alike, from 0 to 1."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    known = list(names)
    # `retart` of deploy.restart: the last part of a name is what people remember.
    last = {name.rpartition(".")[2]: name for name in reversed(known)}
    close = get_close_matches(word, known, n=1, cutoff=least)
    close += [last[one] for one in get_close_matches(word, last, n=1, cutoff=least)]
    return close[0] if close else ""


def clauses(what: str, why: str) -> str:
    """Return what happened and why, with a colon between them where there is a reason."""
    why = why.strip(_AROUND)
    return f"{what}: {why}" if why else what


def sentences(*texts: str) -> str:
    """Return these texts as sentences, one after the other, the last one without its full stop."""
    return ". ".join(filter(None, (text.strip(_AROUND).rstrip(".") for text in texts)))


def because(what: str, why: str) -> str:
    """Return both parts with a semicolon between them; the second one only where it says more."""
    what, why = what.strip(_AROUND).rstrip("."), why.strip(_AROUND).rstrip(".")
    return f"{what}; {why}" if why and why not in what else what
