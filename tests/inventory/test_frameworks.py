"""How an app is started where its start script is none for production."""

from __future__ import annotations

import pytest

from tests.inventory.test_detect import package, settings


@pytest.mark.parametrize(
    ("scripts", "dependencies", "start"),
    [
        ({"start": "nest start", "start:prod": "node dist/main"}, "@nestjs/core", "node dist/main"),
        ({"dev": "nuxt dev"}, "nuxt", "node --env-file=.env .output/server/index.mjs"),
        ({"start": "astro dev"}, "@astrojs/node", "node --env-file=.env dist/server/entry.mjs"),
        ({"preview": "vite preview"}, "@sveltejs/adapter-node", "node --env-file=.env build"),
        ({"start": "nodemon server.js"}, "express", None),
        ({"start": "next start"}, "next", None),
    ],
)
def test_a_start_script_that_is_for_development_is_replaced(
    scripts: dict[str, str], dependencies: str, start: str | None
) -> None:
    files = package(scripts=scripts, dependencies={dependencies: "1"})
    assert settings(files).get("start_command") == start


def test_a_standalone_next_app_is_started_by_its_own_server() -> None:
    files = package(dependencies={"next": "16"}) | {
        "next.config.ts": 'export default { output: "standalone" }'
    }
    assert settings(files)["start_command"].endswith(".next/standalone/server.js")
