"""Detects start commands that call PM2, which must be given the app instead.

PM2 would start PM2: the boot test would test nothing, and the live app could not be controlled.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from itertools import dropwhile

PM2_PROGRAMS = frozenset({"pm2", "pm2-runtime", "pm2-dev", "pm2-docker"})
_STARTS = {"start", "reload", "restart", "startOrReload", "startOrRestart", "startOrGracefulReload"}
_MANAGERS = {"npm", "pnpm", "yarn", "bun"}
_RUNS = {"run", "run-script", "rum", "urn"}
_EXECS = {"exec", "x", "dlx"}
_SHORT = {"start", "stop", "restart", "test"}  # scripts that npm runs without "run"
_NODES = {"node", "tsx", "ts-node"}
_WITH_VALUE = {"-r", "--require", "--import", "--loader", "--experimental-loader", "-C"}
_SCRIPT_RUNNERS = {"npm-run-all", "run-s", "run-p"}
_SHELLS = {"sh", "bash", "dash", "zsh"}
# Programs that run the command in their arguments.
_WRAPPERS = {
    *("npx", "pnpx", "bunx", "env", "cross-env", "cross-env-shell", "dotenv", "dotenvx", "env-cmd"),
    *("exec", "command", "nohup", "nice", "time", "timeout", "sudo", "doppler", "concurrently"),
    *("eval", "xargs", "setsid", "stdbuf", "ionice", "chrt", "flock", "dumb-init", "tini"),
}
# Shell words after which a command begins.
_KEYWORDS = frozenset(("if", "then", "elif", "else", "while", "until", "do", "!", "{"))
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_BETWEEN = re.compile(r"[();<>|&`\n]+")
_CODE = re.compile(r"\.([cm]?js|ts)$")
# As PM2's Common.isConfigFile.
_PROCESS_FILES = (".json", ".yml", ".yaml", ".config.js", ".config.cjs", ".config.mjs")
_MOST_CALLS = 20  # scripts may be recursive


def pm2_call(command: str, scripts: Mapping[str, str]) -> list[str]:
    """Return the words of the first call of PM2 in a command or its scripts; empty without one."""
    return next(_calls(command, scripts, _MOST_CALLS), [])


def is_process_file(name: str) -> bool:
    """Return whether PM2 sees by its name that a file is a process file."""
    return any(kind in name for kind in _PROCESS_FILES)


def replacement_for(call: Sequence[str]) -> str:
    """Return the inventory setting that replaces such a call."""
    rest = list(call[2:] if call[1:2] and call[1] in _STARTS else call[1:])
    own, mark, arguments = _split_assignments(rest)
    process_file = next(filter(is_process_file, own), "")
    if process_file:
        return f"set ecosystem = {_quoted(process_file)} in the inventory"
    code = next((word for word in own if _CODE.search(word)), "")
    if not code:
        return "set start_command in the inventory to what starts the app without PM2"
    line = shlex.join(["node", code, *(arguments if mark else ())])
    return f"set start_command = {_quoted(line)} in the inventory"


def _split_assignments(words: list[str]) -> tuple[list[str], bool, list[str]]:
    if "--" not in words:
        return words, False, []
    at = words.index("--")
    return words[:at], True, words[at + 1 :]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _calls(command: str, scripts: Mapping[str, str], depth: int) -> Iterator[list[str]]:
    for words in _simple_commands(command) if depth else ():
        yield from _in_words(words, scripts, depth - 1)


def _in_words(words: list[str], scripts: Mapping[str, str], depth: int) -> Iterator[list[str]]:
    words = list(dropwhile(lambda word: word in _KEYWORDS or _ASSIGNMENT.match(word), words))
    if not words:
        return
    name, rest = _base(words[0]), words[1:]
    if name in _NODES:
        yield from _by_node(rest, scripts, depth)
    elif name in PM2_PROGRAMS:
        yield words
    elif name in _MANAGERS:
        yield from _by_manager(rest, scripts, depth)
    elif name in _SCRIPT_RUNNERS:
        yield from _of_scripts([_plain(word) for word in rest], scripts, depth)
    elif name in _WRAPPERS | _SHELLS:
        yield from _wrapped(rest, scripts, depth)


def _by_node(rest: list[str], scripts: Mapping[str, str], depth: int) -> Iterator[list[str]]:
    if rest[:1] == ["--run"]:
        yield from _calls(scripts.get("".join(rest[1:2]), ""), scripts, depth)
    elif _base(_first_word(rest)) in PM2_PROGRAMS:
        yield _from_pm2(rest)


def _by_manager(rest: list[str], scripts: Mapping[str, str], depth: int) -> Iterator[list[str]]:
    words = [word for word in rest if not word.startswith("-")]
    if not words:
        return
    if words[0] in _EXECS:
        yield from _wrapped(rest, scripts, depth)
    elif words[0] in _RUNS:
        yield from _of_scripts(words[1:2], scripts, depth)
    elif words[0] == "restart" not in scripts:
        yield from _of_scripts(["stop", "restart", "start"], scripts, depth)
    elif words[0] in _SHORT or words[0] in scripts:
        yield from _of_scripts(words[:1], scripts, depth)
    elif _base(words[0]) in PM2_PROGRAMS:
        yield _from_pm2(rest)


def _of_scripts(names: list[str], scripts: Mapping[str, str], depth: int) -> Iterator[list[str]]:
    for name in names:
        for script in (f"pre{name}", name, f"post{name}"):
            yield from _calls(scripts.get(script, ""), scripts, depth)


def _wrapped(rest: list[str], scripts: Mapping[str, str], depth: int) -> Iterator[list[str]]:
    for at, word in enumerate(rest):
        if _base(word) in PM2_PROGRAMS:
            yield rest[at:]
        elif " " in word:
            yield from _calls(word, scripts, depth)
        elif _base(word) in {*_NODES, *_MANAGERS, *_SCRIPT_RUNNERS, *_WRAPPERS, *_SHELLS}:
            yield from _in_words(rest[at:], scripts, depth)
            return


def _from_pm2(words: list[str]) -> list[str]:
    return list(dropwhile(lambda word: _base(word) not in PM2_PROGRAMS, words))


def _first_word(words: list[str]) -> str:
    pairs = zip(["", *words], words, strict=False)
    own = (word for last, word in pairs if last not in _WITH_VALUE)
    return next((word for word in own if not word.startswith("-")), "")


def _base(word: str) -> str:
    return word.rpartition("/")[2].partition("@")[0].removesuffix(".cmd")


def _plain(word: str) -> str:
    return word.partition(" ")[0]


def _simple_commands(command: str) -> Iterator[list[str]]:
    """Yield the words of each command in shell text; none for invalid text."""
    parser = shlex.shlex(command.replace("\n", " ; "), posix=True, punctuation_chars="();<>|&`")
    parser.whitespace_split = True
    words: list[str] = []
    try:
        for token in parser:
            if not _BETWEEN.fullmatch(token):
                words.append(token)
                continue
            yield words
            words = []
    except ValueError:
        return
    yield words
