"""Proposes the inventory entry of an app from the files of its repository."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mantodeus_ops.inventory.frameworks import (
    NODE,
    Framework,
    framework_of,
    is_for_production,
)
from mantodeus_ops.inventory.settings import APP, shown
from mantodeus_ops.lockfiles import MANAGER_OF

PROCESS_FILE = re.compile(r"(?:ecosystem\.config|pm2\.config|ecosystem)\.(?:[cm]?js|json5?|ya?ml)")
SOURCE = re.compile(r"\.(?:[cm]?[jt]sx?|vue|svelte)$")
CONFIGURATION = re.compile(r"(?:^|/)next\.config\.[cm]?[jt]s$")
_NAME_IN_FILE = re.compile(r"""["']?\bname["']?\s*:\s*["']?([\w.-]+)""")
_PORTS = (
    re.compile(r"""["']?\bPORT["']?\s*[:=]\s*["']?(\d{2,5})\b"""),
    re.compile(r"\bPORT\s*(?:\|\||\?\?)\s*['\"]?(\d{2,5})\b"),
    re.compile(r"(?:\s-p|--port)[ =](\d{2,5})\b"),
    re.compile(r"\.listen\(\s*(\d{2,5})\b"),
)
_HEALTH_ROUTE = re.compile(r"""["'`](/(?:[\w-]+/){0,2}(?:health|healthz|healthcheck|livez))["'`]""")
# Frameworks whose routes are files: the folder that the path begins in, and how a file ends.
_HEALTH_FILE = re.compile(
    r"(?:^|/)(?:app|pages|server|src/routes|src/pages)/"
    r"((?:[\w-]+/)*(?:health|healthz|healthcheck))(?:/route|/\+server|\.get)?\.[cm]?[jt]s$"
)
_LISTENS = re.compile(r"\b(?:listen|createServer|serve)\(")
_SERVER = re.compile(r"(?:^|[-/])(?:web|app|server|api|site|frontend|backend)$")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A repository: its remote and branch, and the text of the files that are read, by path."""

    name: str
    files: Mapping[str, str]
    repository: str = ""
    branch: str = "main"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The settings of an entry, with the reasons of those that are guessed."""

    name: str
    settings: Mapping[str, str]
    notes: tuple[str, ...] = ()


def propose(checkout: Checkout) -> Proposal | None:
    """Return the entry for the app of a repository; None if no package.json is in it."""
    root = _root(checkout)
    if root is None:
        return None
    package, below = _package(checkout, root), _below(checkout, root)
    framework = framework_of(package, "\n".join(_texts(below, CONFIGURATION)))
    process_file = next((name for name in sorted(below) if PROCESS_FILE.fullmatch(name)), "")
    name = _app_name(checkout, package, below.get(process_file, ""))
    settings = {
        "address": f"{name}.example.com",
        "project_dir": f"/srv/{name}",
        "app": name,
        "root": root,
        "repository": checkout.repository,
        "branch": checkout.branch if checkout.branch != "main" else "",
        "start_command": "" if process_file else _start(package, framework),
    }
    kept = {key: value for key, value in settings.items() if value}
    kept["health_url"] = _health_url(package, below, framework)
    return Proposal(name, kept, tuple(_notes(checkout, root, process_file, settings)))


def entry(proposal: Proposal) -> str:
    """Return a proposal as text for hosts.toml."""
    notes = [f"# {note}\n" for note in proposal.notes]
    keys = [f"{key} = {json.dumps(value)}\n" for key, value in proposal.settings.items()]
    return "".join([*notes, f"[hosts.{shown(proposal.name)}]\n", *keys])


def _packages(checkout: Checkout) -> list[str]:
    """Return the folders that have a package.json, the top first."""
    names = (PurePosixPath(name) for name in checkout.files)
    found = [str(name.parent) for name in names if name.name == "package.json"]
    return sorted(("" if one == "." else one for one in found), key=lambda one: (one != "", one))


def _root(checkout: Checkout) -> str | None:
    """Return the folder of the app: the top, or the package that can be started."""
    folders = _packages(checkout)
    if not folders:
        return None
    started = [folder for folder in folders if _can_start(checkout, folder)]
    if "" in started or not started:
        return folders[0]
    return next((folder for folder in started if _SERVER.search(folder)), started[0])


def _can_start(checkout: Checkout, folder: str) -> bool:
    package, below = _package(checkout, folder), _below(checkout, folder)
    scripts = _scripts(package)
    return any(PROCESS_FILE.fullmatch(name) for name in below) or bool(
        scripts.get("start") or framework_of(package, "")
    )


def _package(checkout: Checkout, folder: str) -> Mapping[str, object]:
    try:
        found = json.loads(checkout.files[str(PurePosixPath(folder, "package.json"))])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _scripts(package: Mapping[str, object]) -> Mapping[str, str]:
    scripts = package.get("scripts")
    found = scripts if isinstance(scripts, dict) else {}
    return {str(name): str(text) for name, text in found.items()}


def _below(checkout: Checkout, root: str) -> dict[str, str]:
    """Return the files of a folder by their path in it."""
    if not root:
        return dict(checkout.files)
    files = checkout.files.items()
    return {n.removeprefix(f"{root}/"): text for n, text in files if n.startswith(f"{root}/")}


def _texts(files: Mapping[str, str], names: re.Pattern[str]) -> Iterator[str]:
    return (text for name, text in files.items() if names.search(name))


def _app_name(checkout: Checkout, package: Mapping[str, object], process_file: str) -> str:
    """Return the first name in the process file, else that of the package or the repository."""
    named = _NAME_IN_FILE.search(process_file)
    own = str(package.get("name", "")).rpartition("/")[2]
    names = (named[1] if named else "", own, checkout.name)
    return next((name for name in names if re.fullmatch(APP, name)), "app")


def _start(package: Mapping[str, object], framework: Framework | None) -> str:
    """Return the start command; empty where the start script or `main` serves."""
    scripts = _scripts(package)
    if is_for_production(scripts.get("start", "")):
        return ""
    if is_for_production(scripts.get("start:prod", "")):
        return scripts["start:prod"]
    if framework and framework.script:
        return f"{NODE} {framework.script}"
    return ""


def _health_url(
    package: Mapping[str, object], below: Mapping[str, str], framework: Framework | None
) -> str:
    """Return where the app probably answers; empty for one without HTTP."""
    if not (framework.http if framework else any(map(_LISTENS.search, _texts(below, SOURCE)))):
        return ""
    texts = [below.get(".env.example", "")]
    texts += [*_texts(below, PROCESS_FILE), *_scripts(package).values(), *_texts(below, SOURCE)]
    found = (one[1] for rule in _PORTS for text in texts for one in rule.finditer(text))
    port = next(found, str(framework.port if framework else 3000))
    return f"http://localhost:{port}{_health_path(below)}"


def _health_path(below: Mapping[str, str]) -> str:
    by_file = (_HEALTH_FILE.search(name) for name in sorted(below))
    if found := next(filter(None, by_file), None):
        return f"/{found[1]}"
    by_text = (_HEALTH_ROUTE.search(text) for text in _texts(below, SOURCE))
    found = next(filter(None, by_text), None)
    return found[1] if found else "/"


def _notes(
    checkout: Checkout, root: str, process_file: str, settings: Mapping[str, str]
) -> Iterator[str]:
    """Yield what a person should know about the guesses."""
    yield "A proposal: address, project_dir and health_url must be checked."
    tops = ("", *(str(one) for one in PurePosixPath(root).parents), root)
    names = [str(PurePosixPath(top, name)) for top in tops for name in MANAGER_OF]
    locks = [name for name in dict.fromkeys(names) if name in checkout.files]
    yield (
        f"Installed by {MANAGER_OF[PurePosixPath(locks[-1]).name]}, as {locks[-1]} says."
        if (locks)
        else "No lockfile was found: commit one."
    )
    if process_file:
        yield f"Started as {process_file} says."
    elif not settings["start_command"]:
        yield "Started as package.json says."
