"""The encodings in which programs print a value; twin of `redaction/encodings.js`."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote

from mantodeus_ops.redaction.secret_rules import BLANKS

LEAST_SHAPE = 4
_LEAST_LINE = 8


def encodings_of(secret: str) -> set[str]:
    """Return all encodings of a secret that output may hold."""
    wholes = {secret, secret.strip(BLANKS), secret.replace("\r\n", "\n")}
    wholes |= {whole.replace("\n", "\r\n") for whole in wholes if "\r" not in whole}
    lines = {line.strip(BLANKS) for line in re.split(r"[\r\n]+", secret)} - wholes
    values = wholes | {line for line in lines if _is_significant(line)}
    encodings = {shape for value in values for shape in _spellings(value)}
    return {shape for shape in encodings if len(shape) >= LEAST_SHAPE}


def _is_significant(line: str) -> bool:
    """Return whether to redact this line by itself: it is long, and not a PEM header."""
    return len(line) >= _LEAST_LINE and not line.startswith("-----")


def _spellings(value: str) -> Iterator[str]:
    """Yield the value as programs print it, without surrounding quotes."""
    yield value
    yield value.replace("\n", "\\n").replace("\r", "\\r")
    yield value.replace("'", "'\"'\"'")
    yield value.replace("'", "'\\''")
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    # Programs escape only the kind of quotes that surround the value.
    parts = [repr(part)[1:-1] for part in value.split("'")]
    yield from ("'".join(parts), "\\'".join(parts))
    yield from _in_urls(value)
    yield from _in_base64(value)


def _in_urls(value: str) -> Iterator[str]:
    """Yield the value in each of the common URL escapings."""
    data = value.encode("utf-8", "surrogatepass")
    for safe in ("", "/", "!'()*", ";,/?:@&=+$-_.!~*'()#"):
        escaped = quote(data, safe=safe)
        yield escaped
        yield re.sub("%..", lambda match: match[0].lower(), escaped)
    yield quote(data, safe=" ").replace(" ", "+")
    yield quote(data, safe=" *").replace(" ", "+").replace("~", "%7E")


def _in_base64(value: str) -> Iterator[str]:
    """Yield the base64 digits that depend on the value alone, at each of the three offsets."""
    data = value.encode("utf-8", "surrogatepass")
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + data)
        steady = slice(-(-offset * 8 // 6), (offset + len(data)) * 8 // 6)
        shape = encoded[steady].decode()
        yield shape
        yield shape.translate({ord("+"): "-", ord("/"): "_"})
