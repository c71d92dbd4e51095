"""Which values of an `.env` are secret; `redaction/secret_rules.js` says the same on the host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote, unquote_plus

from mantodeus_ops.dotenv.parse import assignments

BLANKS = " \t\n\r\f\v"

_LEAST = 6  # a shorter value would hide ordinary words and numbers of the output
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
    """Return what must not be seen of an `.env`, of assignments that later ones replace too."""
    return _secrets(((one.name, one.value) for one in assignments(text)), ())


def secret_values(env: Mapping[str, str], also: Iterable[str] = ()) -> frozenset[str]:
    """Return the values of variables that must not be seen, and those of `also`.

    Secret is a value whose name says so or which looks like one, and each password, token or
    other secret part of a URL, as written and as meant. It is hidden from 6 characters on, and
    from 4 on where its name or its place in a URL says that it is secret and it is neither all
    letters nor all digits. Common words are never hidden: that would hide the output itself.
    """
    return _secrets(env.items(), also)


def is_secret(name: str, value: str) -> bool:
    """Return whether the name, or the look of the value, says that it is secret."""
    return bool(_NAME.search(name) or _LOOK.match(value))


def _secrets(pairs: Iterable[tuple[str, str]], also: Iterable[str]) -> frozenset[str]:
    found = {(value, False) for value in also}
    for name, value in pairs:
        if _NAME.search(name):
            found.add((value, True))
        elif _LOOK.match(value):
            found.add((value, False))
        found |= {(part, True) for part in _parts_of_urls(value)}
    return frozenset(value for value, named in found if _is_worth_hiding(value, named=named))


def _parts_of_urls(value: str) -> Iterator[str]:
    """Yield the passwords and tokens inside the URLs of a value, as written and as meant."""
    parts = [match[2] for match in _LOGIN.finditer(value)]
    parts += [match[1] for match in _TOKEN_LOGIN.finditer(value)]
    parts += [match[2] for match in _QUERY.finditer(value) if _NAME.search(match[1])]
    for part in parts:
        yield from (part, unquote(part), unquote_plus(part))


def _is_worth_hiding(value: str, *, named: bool) -> bool:
    """Return whether the value is neither short nor so common that hiding it hides the output."""
    plain = value.strip(BLANKS)
    if _COMMON.fullmatch(plain):
        return False
    short = named and len(plain) >= _LEAST_NAMED and not _PLAIN.fullmatch(plain)
    return short or len(plain) >= _LEAST
