"""The recipe of each shape for docs/apps.md: what its package.json and its inventory say."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.e2e.shapes.shape import Shape

ADDRESS = {"address": "web.example.com", "project_dir": "/srv/web", "app": "web"}


def recipe(shape: Shape) -> str:
    """Return the section of a shape."""
    lines = [f"## {shape.title}", "", *_notes(shape), "```toml", *entry(shape), "```", ""]
    return "\n".join(lines)


def entry(shape: Shape) -> Iterator[str]:
    """Yield the lines of the shortest entry that the inventory needs."""
    settings = {
        **ADDRESS,
        "repository": f"git@github.com:your-organisation/{shape.name}.git",
        "health_url": f"http://localhost:3000{shape.health_path}",
        **shape.settings,
    }
    yield "[hosts.web]"
    for key, value in settings.items():
        yield f"{key} = {toml(value)}"


def toml(value: object) -> str:
    """Return a value as TOML spells it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


def _notes(shape: Shape) -> Iterator[str]:
    found = [*filter(None, (shape.needs,)), *_scripts(shape), *_process_file(shape)]
    if found:
        yield from (*found, "")


def _scripts(shape: Shape) -> Iterator[str]:
    scripts = _package(shape).get("scripts", {})
    if scripts:
        yield f"Scripts of `{shape.root_file('package.json')}`:"
        yield ""
        yield "```json"
        yield json.dumps(scripts, indent=2)
        yield "```"


def _package(shape: Shape) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(shape.source()[shape.root_file("package.json")])
    return found


def _process_file(shape: Shape) -> Iterator[str]:
    name = shape.root_file("ecosystem.config.js")
    if text := shape.files.get(name):
        yield from (f"`{name}`:", "", "```js", text.rstrip("\n"), "```")
