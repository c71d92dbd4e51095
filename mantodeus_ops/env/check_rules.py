"""What is wrong with an `.env`: each finding names the variable or the line, never the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mantodeus_ops.dotenv.edit import is_name
from mantodeus_ops.dotenv.parse import TRIMMED, Assignment, assignments, parse_dotenv
from mantodeus_ops.env.variables import EnvFile, is_placeholder, leads, reserved
from mantodeus_ops.findings import Finding
from mantodeus_ops.redaction.secret_rules import is_secret
from mantodeus_ops.remote.answers.env import DatabaseProbe, EnvFileFacts, EnvProbes

_BY_HAND = "mend the line by hand, then env.check"
_LOOKS_ASSIGNED = re.compile(r"^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)\s*=", re.MULTILINE)
_NOT_TEXT = re.compile("[\0\udc80-\udcff]")


def check_text(
    file: EnvFile, *, required: Sequence[str], example: Mapping[str, str]
) -> list[Finding]:
    """Return what speaks against the content of an `.env`, in the order of importance."""
    if not file.present:
        named = ", ".join(required or list(example)) or "variables"
        return [Finding(f"{file.file} is missing; the app needs {named}", "env.sync")]
    env, found = parse_dotenv(file.text), assignments(file.text)
    return [
        *_lacking(env, required),
        *_placeholders(env, example, required),
        *(finding for one in found for finding in _spelling(file.text, one)),
        *_ignored(file.text, found),
        *_duplicates(found),
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
        told = bool(value) and is_placeholder(value)
        copied = bool(value) and example.get(name) == value and is_secret(name, value)
        if told or copied:
            text = f"{name} still has the placeholder of the example"
            stops = copied or name in required
            yield Finding(text, f"env.set {name}", stops=stops)


def _spelling(text: str, one: Assignment) -> Iterator[Finding]:
    raw = text[one.raw_begin : one.raw_end]
    where = f"line {one.line}: {one.name}"
    said = raw.strip(TRIMMED)
    quote = said[:1]
    if re.match(r"[ \t]*[\r\n]", raw) and said:
        yield Finding(f"{where} has no value of its own and takes the next line as one", _BY_HAND)
    elif quote and quote in "'\"`" and one.value.startswith(quote):
        text_ = f"{where} has a quote that is not closed, or text behind the closing one"
        yield Finding(text_, f"env.set {one.name}")
    elif swallowed := _swallowed(raw):
        text_ = f"{where} has a quoted value of several lines, and {swallowed} is inside it"
        yield Finding(text_, _BY_HAND)
    if _is_cut(text, one, raw):
        text_ = f"{where} ends at a # that nothing stands before: dotenv takes it for a comment"
        yield Finding(text_, f"env.set {one.name}")


def _swallowed(raw: str) -> str:
    """Return the names that look like variables inside a quoted value."""
    inner = re.split(r"\r\n?|\n", raw.strip(TRIMMED), maxsplit=1)
    names = _LOOKS_ASSIGNED.findall(inner[1]) if len(inner) > 1 else []
    return ", ".join(names)


def _is_cut(text: str, one: Assignment, raw: str) -> bool:
    """Return whether a # right behind an unquoted value cuts it short."""
    follows = text[one.raw_end : one.raw_end + 1] == "#"
    said = raw.strip(TRIMMED)
    return follows and bool(said) and raw.endswith(said) and said[0] not in "'\"`"


def _ignored(text: str, found: Sequence[Assignment]) -> Iterator[Finding]:
    at = 0
    for number, line in enumerate(re.split(r"\r\n?|\n", text), 1):
        place, at = at, at + len(line) + (2 if text[at + len(line) :].startswith("\r\n") else 1)
        known = any(one.begin <= place <= one.end for one in found)
        said = line.strip(TRIMMED)
        if said and not said.startswith("#") and not known:
            yield Finding(f"line {number} is no assignment, and ignored", _BY_HAND, stops=False)


def _duplicates(found: Sequence[Assignment]) -> Iterator[Finding]:
    for name in dict.fromkeys(one.name for one in found):
        lines = [str(one.line) for one in found if one.name == name]
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
    if found := _NOT_TEXT.search(text):
        line = len(re.split(r"\r\n?|\n", text[: found.start()]))
        yield Finding(f"line {line} is not UTF-8 text", _BY_HAND)
    if text.startswith("\ufeff"):
        told = "the file begins with a byte order mark: only dotenv reads past it"
        yield Finding(told, "sed -i '1s/^\\xEF\\xBB\\xBF//' .env", stops=False)
    ends = {
        end
        for end in ("\r\n", "\n", "\r")
        if end in re.sub("" if end == "\r\n" else "\r\n", "", text)
    }
    if len(ends) > 1:
        told = "the file mixes line ends of Windows and Unix"
        yield Finding(told, "sed -i 's/\\r$//' .env", stops=False)


def readable_by_others(name: str, mode: str, *, stops: bool = True) -> list[Finding]:
    """Return the finding that other accounts can read the file, if its octal mode says so."""
    text = f"others can read {name} (mode {mode})"
    return [Finding(text, f"chmod 600 {name}", stops)] if int(mode, 8) & 0o077 else []


def tracked_by_git(name: str, *, stops: bool = True) -> Finding:
    """Return the finding that the file is in the repository."""
    text = f"{name} is tracked by git: its secrets are in the repository"
    return Finding(text, f"git rm --cached {name}", stops)


def check_file(facts: EnvFileFacts) -> list[Finding]:
    """Return what speaks against how the file lies there: modes, links, git."""
    name = facts["file"]
    if leads(facts["link"]):
        return [
            Finding(f"{name} is a link that leads {leads(facts['link'])}", f"readlink -f {name}")
        ]
    if not facts["present"]:
        return []
    found = readable_by_others(name, facts["mode"])
    if not facts["mine"]:
        found.append(Finding(f"{name} belongs to another account", f"ls -l {name}"))
    if facts["tracked"]:
        found.append(tracked_by_git(name))
    elif not facts["ignored"]:
        text = f"git does not ignore {name}: the next `git add` takes it along"
        found.append(Finding(text, f"echo /{name} >> .gitignore", stops=False))
    return found


_REACH = {
    "ECONNREFUSED": "nothing listens there",
    "ENOTFOUND": "its host has no address",
    "EAI_AGAIN": "its host has no address",
    "no answer": "nothing answers there",
    "EHOSTUNREACH": "no way leads there",
    "ENETUNREACH": "no way leads there",
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
    """Return what speaks against the databases, and whether the app gives the file away."""
    found = [finding for one in probes["databases"] for finding in _database(one)]
    if probes["served"]:
        text = "the app answers a request for /.env with the file: every secret in it is public"
        found.insert(0, Finding(text, "env.set NAME  # every secret, once the server denies it"))
    return found


def _database(one: DatabaseProbe) -> Iterator[Finding]:
    name, reach = one["name"], one["reach"]
    if reach == "no address":
        yield Finding(f"{name} is not the address of a database", f"env.set {name}")
    elif reach != "ok":
        why = _REACH.get(reach, reach)
        yield Finding(
            f"{name}: the database is out of reach: {why} (port {one['port']})", f"env.set {name}"
        )
    elif one["login"] == "refused":
        why = _LOGIN.get(one["why"], one["why"])
        yield Finding(f"{name}: the database refuses the login: {why}", f"env.set {name}")


def check_process(unseen: Sequence[str]) -> list[Finding]:
    """Return the finding that the running process has other values than the file."""
    if not unseen:
        return []
    text = f"the running process has not seen the present {', '.join(unseen)}"
    return [Finding(text, "restart", stops=False)]
