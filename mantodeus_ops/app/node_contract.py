"""Compares the node of a host with what an app asks for in package.json, .nvmrc and their like."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mantodeus_ops.findings import Finding
from mantodeus_ops.json_types import JsonObject
from mantodeus_ops.remote.answers.facts import NodeFacts
from mantodeus_ops.text.sanitize import trimmed
from mantodeus_ops.text.version_range import satisfies

_ANY = {"node", "stable", "current", "latest", "system", "*", ""}
_TOOLS = re.compile(r"^(?:nodejs|node)[ \t]+([^\s#]+)", re.MULTILINE)
_MAJORS = {
    "dubnium": 10,
    "erbium": 12,
    "fermium": 14,
    "gallium": 16,
    "hydrogen": 18,
    "iron": 20,
    "jod": 22,
    "krypton": 24,
}


@dataclass(frozen=True, slots=True)
class NodeWish:
    """What a file asks of node. A `pinned` version is that of a developer's machine."""

    source: str
    spec: str
    pinned: bool = False


def node_wishes(packages: Mapping[str, str], files: Mapping[str, str]) -> list[NodeWish]:
    """Return what the files of an app ask of node: the texts of package.json, and of others."""
    read = {name: _object(text) for name, text in packages.items()}
    found = [wish for name, package in read.items() for wish in _of_package(name, package)]
    found += [
        NodeWish(name, spec, pinned=True)
        for name, text in files.items()
        for spec in _of(name, text)
    ]
    return list(dict.fromkeys(found))


def _object(text: str) -> JsonObject:
    try:
        package = json.loads(text or "{}")
    except ValueError:
        return {}
    return package if isinstance(package, dict) else {}


def _of_package(name: str, package: JsonObject) -> Iterator[NodeWish]:
    engines, volta = package.get("engines"), package.get("volta")
    if isinstance(engines, dict) and isinstance(engines.get("node"), str):
        yield NodeWish(f"engines in {name}", str(engines["node"]))
    if isinstance(volta, dict) and isinstance(volta.get("node"), str):
        yield NodeWish(f"volta in {name}", str(volta["node"]), pinned=True)
    dev = package.get("devEngines")
    runtimes = dev.get("runtime") if isinstance(dev, dict) else None
    for runtime in runtimes if isinstance(runtimes, list) else [runtimes]:
        if isinstance(runtime, dict) and runtime.get("name") == "node":
            yield NodeWish(f"devEngines in {name}", str(runtime.get("version", "")))


def _of(name: str, text: str) -> list[str]:
    """Return the version that a version manager's file names."""
    if name.endswith(".tool-versions"):
        return _TOOLS.findall(text)[:1]
    if name.endswith(".toml"):
        return _of_mise(text)
    lines = (trimmed(line.partition("#")[0]) for line in text.split("\n"))
    return [line for line in lines if line][:1]


def _of_mise(text: str) -> list[str]:
    try:
        tools = tomllib.loads(text).get("tools", {})
    except tomllib.TOMLDecodeError:
        return []
    wanted = tools.get("node", "") if isinstance(tools, dict) else ""
    if isinstance(wanted, dict):
        wanted = wanted.get("version", "")
    first = next(iter(wanted), "") if isinstance(wanted, list) else wanted
    return [str(first)] if first else []


def is_met(version: str, lts: str, spec: str) -> bool | None:
    """Return whether node's version is what this asks for; None where that is not certain."""
    wanted = trimmed(spec).lower()
    if wanted in _ANY:
        return True
    if wanted in {"lts", "lts/*", "lts-*"}:
        return bool(lts) or None
    name = re.fullmatch(r"lts[/-]([a-z]+)", wanted)
    if name:
        return _major(version) == _MAJORS[name[1]] if name[1] in _MAJORS else None
    return satisfies(version.removeprefix("v"), re.sub(r"^v(?=[0-9])", "", wanted))


def _major(version: str) -> int:
    found = re.match(r"v?([0-9]{1,4})", version)
    return int(found[1]) if found else 0


def _wanted_major(spec: str) -> int:
    name = re.fullmatch(r"lts[/-]([a-z]+)", trimmed(spec).lower())
    return _MAJORS.get(name[1], 0) if name else _major(trimmed(spec).lower())


def node_findings(wishes: list[NodeWish], node: NodeFacts) -> list[Finding]:
    """Return the wishes that the host's node does not meet, and where PM2 has another node.

    Another release of a pinned major version is only a warning.
    """
    version = node["version"]
    findings = []
    for wish in wishes:
        if is_met(version, node["lts"], wish.spec) is False:
            stops = not (wish.pinned and _wanted_major(wish.spec) == _major(version))
            text = f"the host's node is {version}, and {wish.source} asks for {wish.spec}"
            findings.append(Finding(text, _other_node(wish, node), stops))
    if node["pm2"] and _major(node["pm2"]) != _major(version):
        text = f"PM2's daemon runs in node {node['pm2']}, and the shell's node is {version}"
        text = f"{text}: apps in cluster mode run in PM2's"
        findings.append(Finding(text, "pm2 update", stops=False))
    return findings


def _other_node(wish: NodeWish, node: NodeFacts) -> str:
    """Return how a node that meets the wish becomes the one that is used."""
    for other in node["others"]:
        if is_met(other["version"], "", wish.spec):
            return f"set path = [{json.dumps(other['folder'])}] in the inventory"
    return f"nvm install {shlex.quote(wish.spec)}  # or otherwise; then set path in the inventory"


def wishes_shown(wishes: list[NodeWish], node: NodeFacts) -> str:
    """Return node's version and who asks for it, as evidence."""
    asked = ", ".join(f"{wish.source}: {wish.spec}" for wish in wishes)
    return f"{node['version']} ({asked})" if asked else f"{node['version']}; the app asks for none"
