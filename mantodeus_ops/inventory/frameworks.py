"""What frameworks need to be started in production, where an app's start script does not say it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

NODE = "node --env-file=.env"
_STANDALONE = re.compile(r"""\boutput\s*:\s*['"]standalone['"]""")
# A start script that builds, watches or only previews is none.
_NOT_PRODUCTION = re.compile(
    r"\b(?:(?:astro|nuxi|nuxt|vite|next|react-router|svelte-kit)\s+(?:dev|preview)|nest\s+start"
    r"|nodemon|(?:tsx|node)\s+(?:watch|--watch))\b"
)


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework: the package that shows it, what node starts, its usual port."""

    package: str
    script: str = ""
    port: int = 3000
    http: bool = True


NEXT = Framework("next", "node_modules/next/dist/bin/next start")
NEXT_STANDALONE = Framework("next", ".next/standalone/server.js")
# The first that an app depends on; those that are built upon others come before them.
FRAMEWORKS = (
    NEXT,
    Framework("nuxt", ".output/server/index.mjs"),
    Framework("@sveltejs/adapter-node", "build"),
    Framework("@astrojs/node", "dist/server/entry.mjs", 4321),
    Framework(
        "@react-router/serve", "node_modules/@react-router/serve/bin.js build/server/index.js"
    ),
    Framework(
        "@remix-run/serve", "node_modules/@remix-run/serve/dist/cli.js build/server/index.js"
    ),
    Framework("@nestjs/core", "dist/main.js"),
    *map(Framework, ("fastify", "express", "koa", "hono", "@hapi/hapi", "restify", "polka", "h3")),
    *(
        Framework(name, http=False)
        for name in ("discord.js", "telegraf", "grammy", "@slack/bolt", "whatsapp-web.js")
    ),
)


def framework_of(package: Mapping[str, object], configuration: str) -> Framework | None:
    """Return the framework of a package.json; `configuration` is the text of its settings file."""
    names: set[str] = set()
    for key in ("dependencies", "devDependencies"):
        found = package.get(key)
        names |= set(found) if isinstance(found, dict) else set()
    first = next((one for one in FRAMEWORKS if one.package in names), None)
    return NEXT_STANDALONE if first is NEXT and _STANDALONE.search(configuration) else first


def is_for_production(script: str) -> bool:
    """Return whether a start script starts what was built."""
    return bool(script) and not _NOT_PRODUCTION.search(script)
