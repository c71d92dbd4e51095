"""The entry that is proposed for a checkout: for each shape, for templates, for what is odd."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mantodeus_ops.inventory.detect import Checkout, entry, propose
from mantodeus_ops.inventory.parse import parse_inventory
from tests.e2e.shapes.catalogue import SHAPES
from tests.e2e.shapes.lockfiles import MANAGERS
from tests.e2e.shapes.shape import Shape


def settings(files: dict[str, str], name: str = "repo") -> dict[str, str]:
    """Return the settings that are proposed for these files."""
    proposal = propose(Checkout(name, files))
    assert proposal is not None
    return dict(proposal.settings)


def package(**more: Any) -> dict[str, str]:
    """Return the package.json of an app."""
    return {"package.json": json.dumps({"name": "shop", **more})}


def in_git(shape: Shape) -> dict[str, str]:
    """Return the files of a shape's repository."""
    lock = f"{shape.folder}{MANAGERS[shape.manager][2]}"
    return {**shape.source(), **shape.release("1"), lock: ""}


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
def test_what_is_proposed_for_a_shape_is_what_its_recipe_says(shape: Shape) -> None:
    found = settings(in_git(shape))
    assert found.get("root", "") == shape.root
    assert "start_command" not in found
    path = "" if shape.settings.get("health_url") == "" else shape.health_path
    assert found["health_url"].partition("localhost:")[2].lstrip("0123456789") == path
    assert found["app"] == "web" or not (shape.root.startswith("apps") or shape.processes)


@pytest.mark.parametrize("shape", SHAPES, ids=[shape.name for shape in SHAPES])
def test_a_proposal_is_an_entry_of_an_inventory(shape: Shape) -> None:
    proposal = propose(Checkout("repo", in_git(shape), "git@example.com:me/app.git", "trunk"))
    assert proposal is not None
    app = parse_inventory(entry(proposal), "hosts.toml").hosts[proposal.name].app
    assert (app.branch, app.repository) == ("trunk", "git@example.com:me/app.git")
    manager = next(note for note in proposal.notes if note.startswith("Installed"))
    assert f"by {shape.manager}," in manager


@pytest.mark.parametrize(
    ("files", "url"),
    [
        ({".env.example": "PORT=4000\n"}, "http://localhost:4000/"),
        ({"server.js": "app.listen(process.env.PORT || 8080)"}, "http://localhost:8080/"),
        (
            {"server.js": "app.get('/healthz', ok); app.listen(5000)"},
            "http://localhost:5000/healthz",
        ),
        ({"app/api/health/route.ts": ""}, "http://localhost:3000/api/health"),
        ({"src/routes/health/+server.ts": ""}, "http://localhost:3000/health"),
        ({"server/api/health.get.ts": ""}, "http://localhost:3000/api/health"),
        (
            {"ecosystem.config.js": "apps: [{ name: 'shop', env: { PORT: 3100 } }]"},
            "http://localhost:3100/",
        ),
    ],
)
def test_port_and_path_of_the_health_check_are_found(files: dict[str, str], url: str) -> None:
    found = settings({**package(dependencies={"express": "5"}), **files})
    assert found["health_url"] == url


def test_the_process_file_names_the_app_and_starts_it() -> None:
    file = {"pm2.config.cjs": "module.exports = { apps: [{ name: 'shop-web', script: 'x.js' }] }"}
    found = settings({**package(scripts={"start": "astro dev"}), **file})
    assert (found["app"], "start_command" in found) == ("shop-web", False)


@pytest.mark.parametrize("name", ["all", "7", "@me/x y", "a b", ""])
def test_a_name_that_pm2_does_not_take_is_not_proposed(name: str) -> None:
    assert settings({"package.json": json.dumps({"name": name})}, "my repo")["app"] == "app"


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"scripts": 5, "dependencies": []}'])
def test_a_package_json_that_is_none_still_has_an_entry(text: str) -> None:
    assert settings({"package.json": text})["app"] == "repo"


def test_without_a_package_json_nothing_is_proposed() -> None:
    assert propose(Checkout("repo", {"main.py": ""})) is None
