"""Which values are secret, and how they are kept out of every text that leaves us.

A secret is looked for in all the shapes that programs print it in: raw, quoted for a shell,
inside JSON, a URL or base64, and line by line. A stream finds one that is split over reads.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, takewhile
from urllib.parse import quote, unquote, unquote_plus

REPLACEMENT = "[secret]"

_LEAST_VALUE = 6  # a shorter value would hide ordinary words and numbers of the output
_LEAST_VARIANT = 4
_LEAST_LINE = 8

_COMMON = re.compile(
    r"""true | false | none | null | undefined | enabled | disabled | default
    | production | development | staging | testing | preview
    | localhost | 127\.0\.0\.1 | 0\.0\.0\.0 | postgres(?:ql)? | mariadb | mongodb | sqlite
    | public | private | secret | password | username""",
    re.VERBOSE | re.IGNORECASE,
)
_SECRET_NAME = re.compile(
    r"""KEY | SECRET | TOKEN | PASSWORD | PASSWD | PASSPHRASE | PWD | CREDENTIAL | PRIVATE | DSN
    | DATABASE_URL | CONNECTION_?STRING | WEBHOOK_UR[LI] | SIGNATURE
    | (?:^|[_.-]) (?:PASS|PAT|SALT|PIN|OTP|SIG) (?:$|[_.-])
    | AUTH$""",
    re.VERBOSE | re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"-----BEGIN |gh[oprsu]_|github_pat_|glpat-|npm_\w{30}|xox[abeoprs]-|[rs]k_(?:live|test)_"
    r"|AKIA[0-9A-Z]{16}|AIza|eyJ[\w-]+\.eyJ|SG\.|whsec_"
)
_LOGIN = re.compile(r"//([^\s/@:]*):([^\s/]+)@")
_TOKEN_LOGIN = re.compile(r"https?://([^\s/@:]+)@", re.IGNORECASE)
_QUERY = re.compile(r"[?&]([^\s=&#]+)=([^\s&#]+)")
_ANY_LOGIN = re.compile(
    r"""//[^\s/@:"<>]*:[^\s/"<>]*@ | (?:(?<=http:)|(?<=https:))//[^\s/@"<>]+@""",
    re.VERBOSE | re.IGNORECASE,
)


def secret_values(env: Mapping[str, str], also: Iterable[str] = ()) -> frozenset[str]:
    """Return the values of an `.env` that must not be seen, and those of `also`.

    Short and common values are left out: hiding them would hide the output itself.
    """
    found = {value for name, value in env.items() if _is_secret(name, value)}
    found |= {part for value in env.values() for part in _parts_of_urls(value)}
    return frozenset(value for value in found | set(also) if _is_worth_hiding(value))


def scrub_urls(text: str) -> str:
    """Return the text with the login of every URL replaced."""
    return _ANY_LOGIN.sub(f"//{REPLACEMENT}@", text)


class Redactor:
    """Replaces each of these secrets, in any of its shapes, by `[secret]`."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._shapes = sorted({shape for secret in secrets for shape in _shapes(secret)})
        # Four letters tell nearly every place where no secret begins, at the cost of one look-up.
        sizes = range(1, _LEAST_VARIANT + 1)
        self._heads = frozenset(shape[:size] for shape in self._shapes for size in sizes)
        self._longest = max(map(len, self._shapes), default=0)
        self.pattern = re.compile(_any_of(self._shapes) or "(?!)")

    def text(self, text: str) -> str:
        """Return the text without the secrets."""
        return self.pattern.sub(REPLACEMENT, text) if self._shapes else text

    def stream(self) -> StreamRedactor:
        """Return a redactor for one text that comes in pieces."""
        return StreamRedactor(self)

    def open_end(self, text: str, start: int) -> int:
        """Return where, from start on, the longest unfinished secret at the end begins."""
        for at in range(max(start, len(text) - self._longest + 1), len(text)):
            if text[at : at + _LEAST_VARIANT] in self._heads and self._is_begun(text[at:]):
                return at
        return len(text)

    def _is_begun(self, end: str) -> bool:
        """Return whether a secret begins with this and goes on."""
        after = bisect_right(self._shapes, end)
        return after < len(self._shapes) and self._shapes[after].startswith(end)


class StreamRedactor:
    """Redacts one stream; what it returns in all is what `Redactor.text` makes of the whole."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what can be shown now; only an end that may become a secret is held back."""
        text = self._held + text
        shown: list[str] = []
        at, cut = 0, self._redactor.open_end(text, 0)
        for match in self._redactor.pattern.finditer(text):
            # A match that begins before the cut cannot grow any more.
            if match.start() >= cut:
                break
            shown += (text[at : match.start()], REPLACEMENT)
            at = match.end()
        if at > cut:
            cut = self._redactor.open_end(text, at)
        self._held = text[cut:]
        return "".join((*shown, text[at:cut]))

    def flush(self) -> str:
        """Return what was held back; the stream has ended."""
        held, self._held = self._held, ""
        return self._redactor.text(held)


def _any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of these sorted words, the longest first.

    It branches where the words differ, as a flat alternation would try them all at every place.
    """
    branches = []
    for _, group in groupby(words, key=lambda word: word[:1]):
        alike = list(group)
        shared = _common_start(alike[0], alike[-1])
        rests = [word[len(shared) :] for word in alike if word != shared]
        rest = f"(?:{_any_of(rests)})" if rests else ""
        branches.append(re.escape(shared) + rest + ("?" if rest and shared in alike else ""))
    return "|".join(branches)


def _common_start(one: str, other: str) -> str:
    """Return what both words begin with."""
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return one[: sum(1 for _ in alike)]


def _shapes(secret: str) -> set[str]:
    """Return every shape of a secret that output may hold."""
    wholes = {secret, secret.strip(), secret.replace("\r\n", "\n")}
    wholes |= {whole.replace("\n", "\r\n") for whole in wholes if "\r" not in whole}
    lines = {line.strip() for line in secret.splitlines()} - wholes
    values = wholes | {line for line in lines if _is_telling(line)}
    shapes = {shape for value in values for shape in _spellings(value)}
    return {shape for shape in shapes if len(shape) >= _LEAST_VARIANT}


def _is_telling(line: str) -> bool:
    """Return whether this line of a secret is long enough, and not the frame of a PEM file."""
    return len(line) >= _LEAST_LINE and not line.startswith("-----")


def _spellings(value: str) -> Iterator[str]:
    """Yield the value as programs spell it, without the quotes around it."""
    yield value
    yield shlex.quote(value).removeprefix("'").removesuffix("'")
    yield value.replace("'", "'\\''")
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield from _in_urls(value)
    yield from _in_base64(value)


def _in_urls(value: str) -> Iterator[str]:
    """Yield the value as the ways of escaping for a URL spell it."""
    data = value.encode("utf-8", "surrogatepass")
    for kept in ("", "/", "!'()*", ";,/?:@&=+$-_.!~*'()#"):
        escaped = quote(data, safe=kept)
        yield escaped
        yield re.sub("%..", lambda match: match[0].lower(), escaped)
    yield quote(data, safe=" ").replace(" ", "+")


def _in_base64(value: str) -> Iterator[str]:
    """Yield what base64 of any text around the value has in common, at each of three offsets."""
    data = value.encode("utf-8", "surrogatepass")
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + data)
        steady = slice(-(-offset * 8 // 6), (offset + len(data)) * 8 // 6)
        shape = encoded[steady].decode()
        yield shape
        yield shape.translate({ord("+"): "-", ord("/"): "_"})


def _is_secret(name: str, value: str) -> bool:
    """Return whether the name, or the look of the value, says that it is secret."""
    return bool(_SECRET_NAME.search(name) or _SECRET_VALUE.match(value))


def _parts_of_urls(value: str) -> Iterator[str]:
    """Yield the passwords and tokens inside the URLs of a value, as written and as meant."""
    parts = [match[2] for match in _LOGIN.finditer(value)]
    parts += [match[1] for match in _TOKEN_LOGIN.finditer(value)]
    parts += [match[2] for match in _QUERY.finditer(value) if _SECRET_NAME.search(match[1])]
    for part in parts:
        yield from (part, unquote(part), unquote_plus(part))


def _is_worth_hiding(value: str) -> bool:
    """Return whether the value is neither short nor so common that hiding it hides the output."""
    plain = value.strip()
    return len(plain) >= _LEAST_VALUE and not _COMMON.fullmatch(plain)
