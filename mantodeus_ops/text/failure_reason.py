"""Why a program failed, out of what it printed: chosen by what a line is, not by its place."""

from __future__ import annotations

import re

from mantodeus_ops.text.sanitize import one_line, text_lines

_LONGEST = 400  # characters of a reason
_LOOKED_AT = 1000  # characters of a line

_STAMP = re.compile(r"[\[(]?\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-][\d:]+)?[\])]?:? ?")
_NPM = re.compile(r"(?:npm|pnpm|yarn|gyp|lerna) (?:ERR!|error)(?: |$)")
_CODE = re.compile(r"npm (?:ERR!|error) code (\S+)$")
_NPM_ASIDE = re.compile(
    r"[ \t]*(?:(?:code|errno|syscall|path|cwd|command|dest|file|workspace|location)\b|A complete|$)"
)
_ERROR = re.compile(
    r"""
      (?:[\w.@/+-]{1,80}:\ ){0,4} (?:                    # who says it may stand before it
        \[? (?i:fatal|error|panic|uncaught|unhandled)\b
      | [\w.$]{0,80} (?:Error|Exception) (?:\ \[[^\]]*\])? (?::|$|\ \{)
      | (?:Failed\ to\ |Cannot\ |Could\ not\ |Unable\ to\ |Killed$|Segmentation\ fault)
      )
    | .*\b (?:error\ TS\d+:|ERR_[A-Z_]{3,}|E[A-Z]{4,}:|EADDRINUSE)
    | .* (?:Permission\ denied|Host\ key\ verification\ failed|No\ space\ left\ on\ device)
    | .* (?:Disk\ quota\ exceeded|Connection\ refused|Could\ not\ resolve\ host)
    | .* (?:command\ not\ found|:\ not\ found|No\ such\ file\ or\ directory|Out\ of\ memory)
    | [✘✖]\ \[?ERROR
    """,
    re.VERBOSE,
)
# What only says that something else failed.
_WEAK = re.compile(
    r"""
      exit(?:ed)?\ (?:with\ )?(?:error\ )?(?:code|status) | Command\ failed | Lifecycle\ script
    | Could\ not\ read\ from\ remote | ^make(?:\[\d+\])?:\ \*\*\* | ELIFECYCLE | build\ failed
    | A\ complete\ log\ of\ this\ run
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ASIDE = re.compile(
    r"""
      \s+at\ | \$\  | Node\.js\ v\d | [\s^~|]*$ | \s*[\]\[{}()<>;,'"`]+\s*$ | info\ Visit\ https
    | .*A\ complete\ log\ of\ this\ run | npm\ notice
    """,
    re.VERBOSE,
)


def reason_in(said: str) -> str:
    """Return in one line why a program failed: the first line of the last error that it printed.

    Where no line names an error it is the last that says something; empty when there is none.
    """
    lines = [_STAMP.sub("", line[:_LOOKED_AT], count=1) for line in text_lines(said)]
    lines = [line for line in lines if not _ASIDE.match(line)]
    found = [at for at, line in enumerate(lines) if _is_error(line)]
    if not found:
        return _told(lines[-1]) if lines else ""
    at = ([at for at in found if not _is_weak(lines[at])] or found)[-1]
    return _of_npm(lines, at) if _NPM.match(lines[at]) else _told(lines[at])


def _is_error(line: str) -> bool:
    # What is indented belongs to the line above: a field, a cause.
    return not line[:1].isspace() and bool(_NPM.match(line) or _ERROR.match(line))


def _is_weak(line: str) -> bool:
    npm, code = _NPM.match(line), _CODE.match(line)
    if npm and code:
        return code[1].isdigit()
    return bool(_WEAK.search(line) or (npm and _NPM_ASIDE.match(line[npm.end() :])))


def _of_npm(lines: list[str], at: int) -> str:
    """Return the beginning of npm's own report, with what its code stands for."""
    first = last = at
    while first and _NPM.match(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and _NPM.match(lines[last + 1]):
        last += 1
    report = lines[first : last + 1]
    code = next((found for found in map(_CODE.match, report) if found), None)
    if not code:
        return _told(report[0])
    words = (_NPM.sub("", line, count=1) for line in report)
    more = next((text for text in words if not (_NPM_ASIDE.match(text) or _WEAK.search(text))), "")
    more = more.removeprefix(f"{code[1]} ")
    return _told(f"{code[0]}: {more}" if more else code[0])


def _told(line: str) -> str:
    return one_line(line)[:_LONGEST].removesuffix(" {")
