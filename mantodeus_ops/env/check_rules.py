"""Checks an `.env`: findings name the variable or the line, never the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mantodeus_ops.dotenv.edit import is_name
from mantodeus_ops.dotenv.parse import TRIMMED, Assignment, assignments, parse_dotenv
from mantodeus_ops.env.variables import EnvFile, is_placeholder, reserved, unsafe_link_reason
from mantodeus_ops.findings import Finding
from mantodeus_ops.redaction.secret_rules import is_secret
from mantodeus_ops.remote.answers.env import DatabaseProbe, EnvFileFacts, EnvProbes

_BY_HAND = "fix the line by hand, then env.check"
_LOOKS_ASSIGNED = re.compile(r"^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)\s*=", re.MULTILINE)
_NOT_TEXT = re.compile("[\0\udc80-\udcff]")


def check_text(
    file: EnvFile, *, required: Sequence[str], example: Mapping[str, str]
) -> list[Finding]:
    """Return the findings on the content of an `.env`, most important first."""
    if not file.present:
        named = ", ".join(required or list(example)) or "variables"
        return [Finding(f"{file.file} is missing; the app needs {named}", "env.sync")]
    env, all_assignments = parse_dotenv(file.text), assignments(file.text)
    return [
        *_lacking(env, required),
        *_placeholders(env, example, required),
        *(
            finding
            for assignment in all_assignments
            for finding in _spelling(file.text, assignment)
        ),
        *_ignored(file.text, all_assignments),
        *_duplicates(all_assignments),
        *_names(env),
        *_characters(file.text),
    ]


def _lacking(env: Mapping[str, str], required: Sequence[str]) -> Iterator[Finding]:
    for name in required:
        if not env.get(name):
            how = "empty" if name in env else "missing"
            yield Finding(f"{name} is required and {how}", f"env.set {name}")
    empty = [name for name, value in env.items() if not value and name not in required]
    if empty:
        text = f"empty: {', '.join(empty)}"
        yield Finding(text, f"env.set {empty[0]}  # or env.unset", stops=False)


def _placeholders(
    env: Mapping[str, str], example: Mapping[str, str], required: Sequence[str]
) -> Iterator[Finding]:
    for name, value in env.items():
        is_marked = bool(value) and is_placeholder(value)
        copied = bool(value) and example.get(name) == value and is_secret(name, value)
        if is_marked or copied:
            text = f"{name} still has the placeholder of the example"
            stops = copied or name in required
            yield Finding(text, f"env.set {name}", stops=stops)


def _spelling(text: str, assignment: Assignment) -> Iterator[Finding]:
    raw = text[assignment.raw_begin : assignment.raw_end]
    where = f"line {assignment.line}: {assignment.name}"
    trimmed_raw = raw.strip(TRIMMED)
    quote = trimmed_raw[:1]
    if re.match(r"[ \t]*[\r\n]", raw) and trimmed_raw:
        yield Finding(f"{where} has no value and takes the next line instead", _BY_HAND)
    elif quote and quote in "'\"`" and assignment.value.startswith(quote):
        message = f"{where} has a quote that is not closed, or text behind the closing one"
        yield Finding(message, f"env.set {assignment.name}")
    elif swallowed := _names_inside(raw):
        message = f"{where} has a quoted value of several lines, and {swallowed} is inside it"
        yield Finding(message, _BY_HAND)
    if _is_cut(text, assignment, raw):
        message = f"{where} contains an unquoted #: dotenv drops everything after it"
        yield Finding(message, f"env.set {assignment.name}")


def _names_inside(raw: str) -> str:
    """Return the names inside a quoted value that look like variables."""
    inner = re.split(r"\r\n?|\n", raw.strip(TRIMMED), maxsplit=1)
    names = _LOOKS_ASSIGNED.findall(inner[1]) if len(inner) > 1 else []
    return ", ".join(names)


def _is_cut(text: str, assignment: Assignment, raw: str) -> bool:
    """Return whether a # directly after an unquoted value cuts it short."""
    follows = text[assignment.raw_end : assignment.raw_end + 1] == "#"
    trimmed_raw = raw.strip(TRIMMED)
    return (
        follows and bool(trimmed_raw) and raw.endswith(trimmed_raw) and trimmed_raw[0] not in "'\"`"
    )


def _ignored(text: str, all_assignments: Sequence[Assignment]) -> Iterator[Finding]:
    at = 0
    for number, line in enumerate(re.split(r"\r\n?|\n", text), 1):
        offset, at = at, at + len(line) + (2 if text[at + len(line) :].startswith("\r\n") else 1)
        is_assignment = any(
            assignment.begin <= offset <= assignment.end for assignment in all_assignments
        )
        trimmed_line = line.strip(TRIMMED)
        if trimmed_line and not trimmed_line.startswith("#") and not is_assignment:
            yield Finding(f"line {number} is no assignment, and ignored", _BY_HAND, stops=False)


def _duplicates(all_assignments: Sequence[Assignment]) -> Iterator[Finding]:
    for name in dict.fromkeys(assignment.name for assignment in all_assignments):
        lines = [str(assignment.line) for assignment in all_assignments if assignment.name == name]
        if len(lines) > 1:
            text = (
                f"{name} is assigned {len(lines)} times (lines {', '.join(lines)}): the last counts"
            )
            yield Finding(text, f"env.unset {name}  # then env.set {name}", stops=False)


def _names(env: Iterable[str]) -> Iterator[Finding]:
    for name in env:
        if not is_name(name):
            text = f"{name} is a name that only dotenv takes for one"
            yield Finding(text, _BY_HAND, stops=False)
        elif why := reserved(name):
            yield Finding(f"{name}: {why}", f"env.unset {name}", stops=False)


def _characters(text: str) -> Iterator[Finding]:
    if match := _NOT_TEXT.search(text):
        line = len(re.split(r"\r\n?|\n", text[: match.start()]))
        yield Finding(f"line {line} is not UTF-8 text", _BY_HAND)
    if text.startswith("\ufeff"):
        message = "the file begins with a byte order mark: only dotenv reads past it"
        yield Finding(message, "sed -i '1s/^\\xEF\\xBB\\xBF//' .env", stops=False)
    ends = {
        end
        for end in ("\r\n", "\n", "\r")
        if end in re.sub("" if end == "\r\n" else "\r\n", "", text)
    }
    if len(ends) > 1:
        message = "the file mixes line ends of Windows and Unix"
        yield Finding(message, "sed -i 's/\\r$//' .env", stops=False)


def readable_by_others(name: str, mode: str, *, stops: bool = True) -> list[Finding]:
    """Return the finding that other accounts can read the file, by its octal mode."""
    text = f"others can read {name} (mode {mode})"
    return [Finding(text, f"chmod 600 {name}", stops)] if int(mode, 8) & 0o077 else []


def tracked_by_git(name: str, *, stops: bool = True) -> Finding:
    """Return the finding that the file is in the repository."""
    text = f"{name} is tracked by git: its secrets are in the repository"
    return Finding(text, f"git rm --cached {name}", stops)


def check_file(facts: EnvFileFacts) -> list[Finding]:
    """Return the findings on the file itself: mode, links, git."""
    name = facts["file"]
    if unsafe_link_reason(facts["link"]):
        return [
            Finding(
                f"{name} is a link that leads {unsafe_link_reason(facts['link'])}",
                f"readlink -f {name}",
            )
        ]
    if not facts["present"]:
        return []
    findings = readable_by_others(name, facts["mode"])
    if not facts["mine"]:
        findings.append(Finding(f"{name} belongs to another account", f"ls -l {name}"))
    if facts["tracked"]:
        findings.append(tracked_by_git(name))
    elif not facts["ignored"]:
        text = f"git does not ignore {name}: the next `git add` adds it"
        findings.append(Finding(text, f"echo /{name} >> .gitignore", stops=False))
    return findings


_REACH = {
    "ECONNREFUSED": "nothing listens there",
    "ENOTFOUND": "its host has no address",
    "EAI_AGAIN": "its host has no address",
    "no answer": "nothing answers there",
    "EHOSTUNREACH": "no route to it",
    "ENETUNREACH": "no route to it",
}
_LOGIN = {
    "28P01": "wrong user or password",
    "28000": "this user may not log in from here",
    "3D000": "there is no such database",
    "ER_ACCESS_DENIED_ERROR": "wrong user or password",
    "ER_BAD_DB_ERROR": "there is no such database",
    "ER_DBACCESS_DENIED_ERROR": "this user may not use the database",
}


def check_probes(probes: EnvProbes) -> list[Finding]:
    """Return the findings on databases, and whether the app serves the file."""
    findings = [finding for database in probes["databases"] for finding in _database(database)]
    if probes["served"]:
        text = "the app answers a request for /.env with the file: every secret in it is public"
        findings.insert(0, Finding(text, "env.set NAME  # every secret, once the server denies it"))
    return findings


def _database(database: DatabaseProbe) -> Iterator[Finding]:
    name, reach = database["name"], database["reach"]
    if reach == "no address":
        yield Finding(f"{name} is not the address of a database", f"env.set {name}")
    elif reach != "ok":
        why = _REACH.get(reach, reach)
        yield Finding(
            f"{name}: the database cannot be reached: {why} (port {database['port']})",
            f"env.set {name}",
        )
    elif database["login"] == "refused":
        why = _LOGIN.get(database["why"], database["why"])
        yield Finding(f"{name}: the database refuses the login: {why}", f"env.set {name}")


def check_process(outdated: Sequence[str]) -> list[Finding]:
    """Return the finding that the running process has other values than the file."""
    if not outdated:
        return []
    text = f"the running process does not have the current {', '.join(outdated)}"
    return [Finding(text, "restart", stops=False)]
