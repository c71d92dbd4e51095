"""Repositories of more than one package, of each package manager, and an app in a subfolder."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.shapes.shape import Shape

LIBRARY = "module.exports = (version) => `version ${version}, ${require('ms')(60000)}`;\n"
SERVER = """\
const page = require("@shapes/page");
const express = require("express");
const app = express();
app.get("/", (request, response) => response.send(page("%VERSION%")));
app.listen(process.env.PORT);
"""
THROWS = "require('@shapes/not-there');\n"
START = "node --env-file=.env server.js"


def package(name: str, **more: Any) -> str:
    """Return the package.json of a member of the workspace."""
    own = {"name": f"@shapes/{name}", "version": "1.0.0", "private": True}
    return json.dumps({**own, **more}, indent=2) + "\n"


def members(at: str) -> dict[str, str]:
    """Return the files of an app that uses the package beside it, which it names so."""
    uses = {"@shapes/page": at, "express": "5.1.0", "ms": "2.0.0"}
    return {
        "apps/web/package.json": package("web", scripts={"start": START}, dependencies=uses),
        "packages/page/package.json": package("page", dependencies={"ms": "2.1.3"}),
        "packages/page/index.js": LIBRARY,
    }


GLOBS = ["apps/*", "packages/*"]


def workspace(manager: str, title: str, at: str, *, more: dict[str, str], quick: bool) -> Shape:
    """Return the shape of a workspace that this manager installs."""
    return Shape(
        name=f"{manager}-workspace",
        title=title,
        manager=manager,
        package={} if manager == "pnpm" else {"workspaces": GLOBS},
        files={**members(at), **more},
        page=("apps/web/server.js", SERVER),
        broken=THROWS,
        says="not-there",
        ignored=".pnp.*\n.yarn\n",
        settings={"root": "apps/web"},
        quick=quick,
    )


NPM = workspace("npm", "npm workspaces", "*", more={}, quick=True)
PNPM = workspace(
    "pnpm",
    "pnpm workspaces",
    "workspace:*",
    more={"pnpm-workspace.yaml": "packages:\n  - apps/*\n  - packages/*\n"},
    quick=False,
)
YARN = workspace(
    "yarn",
    "Yarn 4 workspaces with Plug'n'Play",
    "workspace:*",
    more={".yarnrc.yml": "nodeLinker: pnp\nenableTelemetry: false\n"},
    quick=False,
)
BUN = workspace("bun", "Bun workspaces", "workspace:*", more={}, quick=False)
SUBFOLDER = Shape(
    name="subfolder",
    title="The app in a subfolder",
    package={"scripts": {"start": START}, "dependencies": {"express": "5.1.0"}},
    folder="server/",
    files={"README.md": "The app is in server.\n"},
    page=(
        "server/server.js",
        """\
const app = require("express")();
app.get("/", (request, response) => response.send("version %VERSION%"));
app.listen(process.env.PORT);
""",
    ),
    broken="throw new Error('this release cannot start');\n",
    says="cannot start",
    settings={"root": "server"},
    quick=True,
)
WORKSPACES = (NPM, PNPM, YARN, BUN, SUBFOLDER)
