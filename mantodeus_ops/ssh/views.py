"""The views of the SSH tasks."""

from __future__ import annotations

from collections.abc import Iterable

from mantodeus_ops.ui.finding_rows import findings
from mantodeus_ops.ui.formatters import as_bytes, as_count, as_seconds
from mantodeus_ops.ui.layout import Data, Part, Row, View, field, rows


def _key_card(data: Data) -> Iterable[Part]:
    """Return the key, its file, and its public half."""
    return rows(
        Row("key", field("fingerprint")(data)),
        Row("file", field("identity_file")(data)),
        Row("public", field("public_key")(data)),
        Row("passphrase", field("passphrase")(data)),
        Row("login", field("login")(data), "green"),
    )


def _trust_card(data: Data) -> Iterable[Part]:
    """Return the pinned key, its file, and the replaced key."""
    return rows(
        Row("host key", f"{field('key_type')(data)} {field('fingerprint')(data)}"),
        Row("before", field("previous")(data), "yellow"),
        Row("pinned in", field("known_hosts")(data)),
    )


def _check_card(data: Data) -> Iterable[Part]:
    """Return facts about the connection, and missing requirements."""
    lacks = [f"{lack['text']}: {lack['hint']}" for lack in data.get("lacks") or ()]
    yield from rows(
        Row("connection", _connection(data)),
        Row("host key", field("fingerprint")(data)),
        Row("user", f"{field('user')(data)}, {field('login_shell')(data)}"),
        *(Row(name, field(f"{name}_version")(data)) for name in ("node", "npm", "git", "pm2")),
        Row("PATH", field("path")(data)),
        Row("after login", field("path_with_login")(data)),
        Row("project", "there" if data.get("project_dir_exists") else "not there yet"),
        Row("disk free", as_bytes(data.get("disk_free_bytes"))),
        Row("lacks", "\n".join(lacks) or "nothing", "yellow" if lacks else "green"),
    )


def _connection(data: Data) -> str:
    return f"{as_seconds(data.get('connection_time_seconds'))}, {field('server')(data)}"


def _shortly(data: Data) -> Iterable[Part]:
    """Return the card of a check; empty for an unreachable host."""
    return _check_card(data) if data.get("connection_status") == "success" else ()


ssh_check = View(
    _shortly,
    (
        ("connected in", lambda data: as_seconds(data.get("connection_time_seconds"))),
        *((name, field(f"{name}_version")) for name in ("node", "npm", "git", "pm2")),
        ("project", field("project_dir_exists")),
        ("lacks", field("lacks", show=as_count)),
    ),
)


def _audit_card(data: Data) -> Iterable[Part]:
    """Return login methods, authorized keys, and findings."""
    keys = [
        f"{entry['fingerprint']} {entry['comment']}{'' if entry['known'] else ' (unknown)'}"
        for entry in data.get("authorized_keys") or ()
    ]
    logins = ", ".join(data.get("methods") or ())
    return [*rows(Row("logins", logins), Row("let in", "\n".join(keys))), *findings(data)]


ssh_audit = View(
    _audit_card,
    (
        ("findings", field("findings", show=as_count)),
        ("let in", field("authorized_keys", show=as_count)),
        ("logins", lambda data: ", ".join(data.get("methods") or ())),
    ),
)
ssh_key = View(_key_card, (("key", field("fingerprint")), ("login", field("login"))))
ssh_trust = View(_trust_card, (("host key", field("fingerprint")), ("before", field("previous"))))
