"""Decides which values of an `.env` are secret; twin of `redaction/secret_rules.js`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote, unquote_plus

from mantodeus_ops.dotenv.parse import assignments

BLANKS = " \t\n\r\f\v"

_LEAST = 6  # redacting shorter values would remove ordinary words and numbers from the output
_LEAST_NAMED = 4

_COMMON = re.compile(
    r"""true | false | none | null | undefined | enabled | disabled | default
    | production | development | staging | testing | preview
    | localhost | 127\.0\.0\.1 | 0\.0\.0\.0 | postgres(?:ql)? | mariadb | mongodb | sqlite
    | public | private | secret | password | username""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_NAME = re.compile(
    r"""KEY | SECRET | TOKEN | PASSWORD | PASSWD | PASSPHRASE | PWD | CREDENTIAL | PRIVATE | DSN
    | DATABASE_URL | CONNECTION_?STRING | WEBHOOK_UR[LI] | SIGNATURE
    | (?:^|[_.-]) (?:PASS|PAT|SALT|PIN|OTP|SIG) (?:$|[_.-])
    | AUTH$""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_LOOK = re.compile(
    r"-----BEGIN |gh[oprsu]_|github_pat_|glpat-|npm_\w{30}|xox[abeoprs]-|[rs]k_(?:live|test)_"
    r"|AKIA[0-9A-Z]{16}|AIza|eyJ[\w-]+\.eyJ|SG\.|whsec_",
    re.ASCII,
)
_PLAIN = re.compile(r"[A-Za-z]+|[0-9]+")
_LOGIN = re.compile(r"//([^\s/@:]*):([^\s/]+)@", re.ASCII)
_TOKEN_LOGIN = re.compile(r"https?://([^\s/@:]+)@", re.IGNORECASE | re.ASCII)
_QUERY = re.compile(r"[?&]([^\s=&#]+)=([^\s&#]+)", re.ASCII)


def secrets_of(text: str) -> frozenset[str]:
    """Return the secret values of an `.env`, also of assignments that later ones replace."""
    return _secrets(((assignment.name, assignment.value) for assignment in assignments(text)), ())


def secret_values(env: Mapping[str, str], also: Iterable[str] = ()) -> frozenset[str]:
    """Return the secret values of these variables, and those of `also`.

    A value is secret when its name or its form says so; so are passwords and tokens in URLs, both
    as written and decoded. Values of 6 characters or more are redacted; of 4 or more when the name
    or the position in a URL says that they are secret and they mix letters and digits. Common
    words are never redacted, as that would remove ordinary output.
    """
    return _secrets(env.items(), also)


def is_secret(name: str, value: str) -> bool:
    """Return whether the name or the form of the value says that it is secret."""
    return bool(_NAME.search(name) or _LOOK.match(value))


def _secrets(pairs: Iterable[tuple[str, str]], also: Iterable[str]) -> frozenset[str]:
    candidates = {(value, False) for value in also}
    for name, value in pairs:
        if _NAME.search(name):
            candidates.add((value, True))
        elif _LOOK.match(value):
            candidates.add((value, False))
        candidates |= {(part, True) for part in _parts_of_urls(value)}
    return frozenset(value for value, named in candidates if _is_worth_hiding(value, named=named))


def _parts_of_urls(value: str) -> Iterator[str]:
    """Yield the passwords and tokens in the URLs of a value, as written and decoded."""
    parts = [match[2] for match in _LOGIN.finditer(value)]
    parts += [match[1] for match in _TOKEN_LOGIN.finditer(value)]
    parts += [match[2] for match in _QUERY.finditer(value) if _NAME.search(match[1])]
    for part in parts:
        yield from (part, unquote(part), unquote_plus(part))


def _is_worth_hiding(value: str, *, named: bool) -> bool:
    """Return whether the value is neither too short nor too common to be redacted."""
    plain = value.strip(BLANKS)
    if _COMMON.fullmatch(plain):
        return False
    short = named and len(plain) >= _LEAST_NAMED and not _PLAIN.fullmatch(plain)
    return short or len(plain) >= _LEAST
