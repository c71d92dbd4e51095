"""Suggests the nearest name for a typo, and joins texts into one message."""

from __future__ import annotations

from collections.abc import Iterable

_AROUND = " \t\r\n;:,"


def nearest(word: str, names: Iterable[str], least: float = 0.0) -> str:
    """Return the most similar name; empty when none reaches the similarity, from 0 to 1."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    candidates = list(names)
    # `retart` of deploy.restart: the last part of a name is what people remember.
    last_parts = {name.rpartition(".")[2]: name for name in reversed(candidates)}
    close = get_close_matches(word, candidates, n=1, cutoff=least)
    close += [
        last_parts[last_part]
        for last_part in get_close_matches(word, last_parts, n=1, cutoff=least)
    ]
    return close[0] if close else ""


def clauses(what: str, why: str) -> str:
    """Join what happened and why with a colon; without a reason, return what happened."""
    why = why.strip(_AROUND)
    return f"{what}: {why}" if why else what


def sentences(*texts: str) -> str:
    """Join the texts as sentences, the last one without its full stop."""
    return ". ".join(filter(None, (text.strip(_AROUND).rstrip(".") for text in texts)))


def because(what: str, why: str) -> str:
    """Join both parts with a semicolon; leave out a reason that `what` already holds."""
    what, why = what.strip(_AROUND).rstrip("."), why.strip(_AROUND).rstrip(".")
    return f"{what}; {why}" if why and why not in what else what
