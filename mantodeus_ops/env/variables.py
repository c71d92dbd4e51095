"""The variables of an app for display: names and states, never values."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.redaction.secret_rules import is_secret
from mantodeus_ops.remote.answers.env import EnvFileFacts, EnvProcess
from mantodeus_ops.text.sanitize import trimmed

_PLACEHOLDER = re.compile(
    r"""^<.*>$ | ^\.{3,}$ | ^x{3,}$ | ^\*{3,}$
    | change[-_ ]?me | replace[-_ ]?(?:me|this|with) | your[-_ ]
    | (?:goes|key|token|secret|password)[-_ ]here$
    | ^todo\b | ^fixme\b
    | ^(?:placeholder|example|dummy|insert|fill)""",
    re.VERBOSE | re.IGNORECASE,
)
_BUILT_IN = re.compile(r"(?:VITE|NEXT_PUBLIC|REACT_APP|NUXT_PUBLIC|GATSBY|EXPO_PUBLIC|VUE_APP)_")
# Read by the webhook's receiver when they change, not by the app.
WEBHOOK_SECRETS = ("WEBHOOK_SECRET", "WEBHOOK_SECRET_OLD")
_RESERVED: Mapping[str, str] = {
    **dict.fromkeys(
        ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "TMPDIR", "LANG", "TZ"),
        "the process has it from its login already, and dotenv replaces nothing",
    ),
    **dict.fromkeys(
        ("LD_PRELOAD", "LD_LIBRARY_PATH", "NODE_OPTIONS", "NODE_PATH", "BASH_ENV", "IFS"),
        "it decides what code is loaded into every program that the app starts",
    ),
    "NODE_TLS_REJECT_UNAUTHORIZED": "0 lets any machine pose as the servers that the app talks to",
    "SECRET_KEY": "PM2 reads a variable of this name as its key",
    "PUBLIC_KEY": "PM2 reads a variable of this name as its key",
}


@dataclass(frozen=True, slots=True)
class EnvFile:
    """An `.env` as read from a host; bytes that are not UTF-8 are preserved."""

    file: str
    text: str
    digest: str
    present: bool
    link: str

    @classmethod
    def of(cls, facts: EnvFileFacts) -> EnvFile:
        """Return the file from these facts."""
        text = b64decode(facts["bytes"]).decode("utf-8", "surrogateescape")
        return cls(facts["file"], text, facts["digest"], facts["present"], facts["link"])


class VariableRow(TypedDict):
    """What is so of a variable."""

    name: str
    state: str
    required: bool
    secret: bool
    in_example: bool
    process: str


def unsafe_link_reason(link: str) -> str:
    """Return why a link is not followed for changes; empty for other files."""
    return {"outside": "out of the app", "broken": "to nothing"}.get(link, "")


def is_placeholder(value: str) -> bool:
    """Return whether a value is a placeholder to be filled in."""
    return bool(_PLACEHOLDER.search(trimmed(value)))


def reserved(name: str) -> str:
    """Return why a variable of this name should not be in an `.env`; empty for others."""
    if name.startswith("PM2_"):
        return "PM2 reads variables of this kind as its own settings"
    return _RESERVED.get(name, "")


def is_built_in(name: str) -> bool:
    """Return whether builds embed the value into the pages, so that a restart has no effect."""
    return bool(_BUILT_IN.match(name))


def variables(
    env: Mapping[str, str], example: Mapping[str, str], required: Sequence[str], process: EnvProcess
) -> list[VariableRow]:
    """Return the state of each variable: those of the file first, then missing ones."""
    removed = [name for name, state in (process["started"] or {}).items() if state == "gone"]
    names = dict.fromkeys((*env, *required, *example, *removed))
    return [
        {
            "name": name,
            "state": _state(env.get(name)),
            "required": name in required,
            "secret": is_secret(name, env.get(name, "")),
            "in_example": name in example,
            "process": seen_by_process(name, process, is_set=name in env),
        }
        for name in names
    ]


def _state(value: str | None) -> str:
    if value is None:
        return "missing"
    if not value:
        return "empty"
    return "placeholder" if is_placeholder(value) else "set"


def seen_by_process(name: str, process: EnvProcess, *, is_set: bool) -> str:
    """Return the state of a variable in the running process, as one word.

    `seen`: the value of the file; `old`: another one; `not yet`: none; `still there`: one that the
    file no longer has; `PM2's own`: PM2 holds a value that wins over the file.
    """
    if not process["running"] or name in WEBHOOK_SECRETS:
        return ""
    if process["pm2"].get(name) == "other":
        return "PM2's own"
    if process["fresh"]:
        return "seen" if is_set else ""
    words = {"same": "seen", "changed": "old", "new": "not yet", "gone": "still there"}
    if process["started"] is None:
        return "unknown" if is_set else ""
    return words.get(process["started"].get(name, ""), "")


def not_seen(rows: Iterable[VariableRow]) -> list[str]:
    """Return the names whose values the running process does not have."""
    apart = {"old", "not yet", "still there", "PM2's own"}
    return [row["name"] for row in rows if row["process"] in apart]


def not_seen_after(
    before: Mapping[str, str], after: Mapping[str, str], process: EnvProcess
) -> list[str]:
    """Return the names whose values in the process will differ from the changed file."""
    if not process["running"]:
        return []
    apps = [name for name in {**before, **after} if name not in WEBHOOK_SECRETS]
    touched = [name for name in apps if before.get(name) != after.get(name)]
    return list(dict.fromkeys([*touched, *not_seen(variables(before, {}, (), process))]))


def is_known(process: EnvProcess) -> bool:
    """Return whether the values in the running process are known."""
    return bool(process["fresh"]) or process["started"] is not None


def fingerprints(env: Mapping[str, str], key: bytes) -> dict[str, str]:
    """Return a keyed digest of each value."""
    return {name: _fingerprint(name, value, key) for name, value in env.items()}


def _fingerprint(name: str, value: str, key: bytes) -> str:
    text = f"{name}\0{value}".encode("utf-8", "surrogateescape")
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:16]


def same_everywhere(prints: Mapping[str, Mapping[str, str]]) -> list[JsonObject]:
    """Return for each variable that differs between hosts which hosts agree.

    Hosts with the same letter have the same value; `-` stands where there is none.
    """
    names = sorted({name for digests in prints.values() for name in digests})
    rows = [(name, [digests.get(name, "") for digests in prints.values()]) for name in names]
    return [
        {"name": name, "hosts": dict(zip(prints, _letters(values), strict=True))}
        for name, values in rows
        if len(set(values)) > 1
    ]


def _letters(values: Sequence[str]) -> list[str]:
    kinds = list(dict.fromkeys(value for value in values if value))
    return [chr(ord("A") + kinds.index(value) % 26) if value else "-" for value in values]


def compared_with_example(
    env: Mapping[str, str], example: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return the differences between the file and its example, by name."""
    both = [name for name in env if name in example]
    return {
        "missing": [name for name in example if name not in env],
        "not_in_example": [name for name in env if name not in example],
        "as_in_example": [name for name in both if env[name] and env[name] == example[name]],
    }
