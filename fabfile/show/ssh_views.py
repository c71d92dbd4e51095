"""How the tasks around SSH look to people."""

from __future__ import annotations

from collections.abc import Iterable

from .view import Data, Part, Row, View, field, rows


def _key_card(data: Data) -> Iterable[Part]:
    """Return which key it is, where it lies, and what to hand to others."""
    return rows(
        Row("key", field("fingerprint")(data)),
        Row("file", field("identity_file")(data)),
        Row("public", field("public_key")(data)),
        Row("passphrase", field("passphrase")(data)),
        Row("login", field("login")(data), "green"),
    )


def _trust_card(data: Data) -> Iterable[Part]:
    """Return which key is pinned, where, and which one it replaced."""
    return rows(
        Row("host key", f"{field('key_type')(data)} {field('fingerprint')(data)}"),
        Row("before", field("previous")(data), "yellow"),
        Row("pinned in", field("known_hosts")(data)),
    )


ssh_key = View(_key_card, (("key", field("fingerprint")), ("login", field("login"))))
ssh_trust = View(_trust_card, (("host key", field("fingerprint")), ("before", field("previous"))))
