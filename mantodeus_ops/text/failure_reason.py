"""Finds the reason why a program failed in its output, by the form of each line."""

from __future__ import annotations

import re

from mantodeus_ops.text.sanitize import one_line, text_lines

_LONGEST = 400  # characters of a reason
_LOOKED_AT = 1000  # characters of a line

_MANAGER = re.compile(r"^(?: (?=ERR_PNPM_)|➤ (YN\d{4}: )(?:[│└┌·] )?)")
_STAMP = re.compile(r"[\[(]?\d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-][\d:]+)?[\])]?:? ?")
_NPM = re.compile(r"(?:npm|pnpm|yarn|gyp|lerna) (?:ERR!|error)(?: |$)")
_CODE = re.compile(r"npm (?:ERR!|error) code (\S+)$")
_NPM_ASIDE = re.compile(
    r"[ \t]*(?:(?:code|errno|syscall|path|cwd|command|dest|file|workspace|location)\b|A complete|$)"
)
_ERROR = re.compile(
    r"""
      (?:[\w.@/+-]{1,80}:\ ){0,4} (?:                    # prefixes such as a program's name
        \[? (?i:fatal|error|panic|uncaught|unhandled)\b
      | [\w.$]{0,80} (?:Error|Exception) (?:\ \[[^\]]*\])? (?::|$|\ \{)
      | (?:Failed\ to\ |Cannot\ |Could\ not\ |Unable\ to\ |Killed$|Segmentation\ fault)
      )
    | .*\b (?:error\ TS\d+:|ERR_[A-Z_]{3,}|E[A-Z]{4,}:|EADDRINUSE)
    | .* (?:Permission\ denied|Host\ key\ verification\ failed|No\ space\ left\ on\ device)
    | .* (?:Disk\ quota\ exceeded|Connection\ refused|Could\ not\ resolve\ host)
    | .* (?:command\ not\ found|:\ not\ found|No\ such\ file\ or\ directory|Out\ of\ memory)
    | [✘✖]\ \[?ERROR
    | YN00(?:01|09|10|16|18|20|27|28|35|41|46|51|62|64|74|78|80|82|84|90):\   # errors of yarn
    """,
    re.VERBOSE,
)
# Lines that only report the failure of something else.
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


def reason_in(output: str) -> str:
    """Return why a program failed, in one line: the first line of the last error it printed.

    Without an error line, return the last line with content; empty when there is none.
    """
    lines = [_STAMP.sub("", line[:_LOOKED_AT], count=1) for line in text_lines(output)]
    lines = [_MANAGER.sub(r"\1", line, count=1) for line in lines]
    lines = [line for line in lines if not _ASIDE.match(line)]
    errors = [index for index, line in enumerate(lines) if _is_error(line)]
    if not errors:
        return _shortened(lines[-1]) if lines else ""
    index = ([index for index in errors if not _is_weak(lines[index])] or errors)[-1]
    return _of_npm(lines, index) if _NPM.match(lines[index]) else _shortened(lines[index])


def _is_error(line: str) -> bool:
    # An indented line belongs to the line above: a field, a cause.
    return not line[:1].isspace() and bool(_NPM.match(line) or _ERROR.match(line))


def _is_weak(line: str) -> bool:
    npm, code = _NPM.match(line), _CODE.match(line)
    if npm and code:
        return code[1].isdigit()
    return bool(_WEAK.search(line) or (npm and _NPM_ASIDE.match(line[npm.end() :])))


def _of_npm(lines: list[str], index: int) -> str:
    """Return the first line of npm's error report, with the explanation of its code."""
    first = last = index
    while first and _NPM.match(lines[first - 1]):
        first -= 1
    while last + 1 < len(lines) and _NPM.match(lines[last + 1]):
        last += 1
    block = lines[first : last + 1]
    code = next((match for match in map(_CODE.match, block) if match), None)
    if not code:
        return _shortened(block[0])
    words = (_NPM.sub("", line, count=1) for line in block)
    more = next((text for text in words if not (_NPM_ASIDE.match(text) or _WEAK.search(text))), "")
    more = more.removeprefix(f"{code[1]} ")
    return _shortened(f"{code[0]}: {more}" if more else code[0])


def _shortened(line: str) -> str:
    return one_line(line)[:_LONGEST].removesuffix(" {")
