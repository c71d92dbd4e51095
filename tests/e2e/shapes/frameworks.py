"""Apps of frameworks that render pages: Next.js, Nuxt, SvelteKit, Astro, React Router."""

from __future__ import annotations

from tests.e2e.shapes.nest import NEST
from tests.e2e.shapes.shape import Shape

NODE = "node --env-file=.env"
REACT = {"react": "19.2.0", "react-dom": "19.2.0"}
PAGE = """\
export const dynamic = "force-dynamic";
export default function Page() {
  return <h1>{"version %VERSION%"}</h1>;
}
"""
LAYOUT = """\
export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
"""
NEXT = {"next": "16.0.3", **REACT}
NEXT_START = Shape(
    name="next",
    title="Next.js with next start",
    package={
        "scripts": {
            "build": "next build",
            "start": "node --env-file=.env node_modules/next/dist/bin/next start",
        },
        "dependencies": NEXT,
    },
    files={"app/layout.jsx": LAYOUT},
    page=("app/page.jsx", PAGE),
    broken="export default function Page() {\n  return <h1>\n}\n",
    says="page.jsx",
    ignored=".next\nnext-env.d.ts\n",
)
NEXT_STANDALONE = Shape(
    name="next-standalone",
    title="Next.js, standalone",
    package={
        "scripts": {
            "build": "next build",
            "postbuild": "cp -r .next/static .next/standalone/.next/static",
            "start": "node --env-file=.env .next/standalone/server.js",
        },
        "dependencies": NEXT,
    },
    files={
        "app/layout.jsx": LAYOUT,
        "next.config.mjs": 'export default { output: "standalone" };\n',
    },
    page=("app/page.jsx", PAGE),
    broken='import "not-there";\n' + PAGE,
    says="not-there",
    ignored=".next\nnext-env.d.ts\n",
)
NUXT = Shape(
    name="nuxt",
    title="Nuxt",
    package={
        "type": "module",
        "scripts": {
            "build": "nuxt build",
            "start": "node --env-file=.env .output/server/index.mjs",
        },
        "dependencies": {"nuxt": "4.2.1", "vue": "3.5.24", "vue-router": "4.6.3"},
        "devDependencies": {"vite": "7.2.4"},
    },
    files={"nuxt.config.ts": "export default defineNuxtConfig({ telemetry: false });\n"},
    page=("app/app.vue", "<template><h1>version %VERSION%</h1></template>\n"),
    broken="<template><h1>version</template>\n",
    says="app.vue",
    ignored=".nuxt\n.output\n.data\n",
)
SVELTEKIT = Shape(
    name="sveltekit",
    title="SvelteKit with the node adapter",
    package={
        "type": "module",
        "scripts": {"build": "vite build", "start": "node --env-file=.env build"},
        "devDependencies": {
            "@sveltejs/adapter-node": "5.4.0",
            "@sveltejs/kit": "2.48.5",
            "@sveltejs/vite-plugin-svelte": "6.2.1",
            "svelte": "5.43.14",
            "vite": "7.2.4",
        },
    },
    files={
        "svelte.config.js": """\
import adapter from "@sveltejs/adapter-node";
export default { kit: { adapter: adapter() } };
""",
        "vite.config.js": """\
import { sveltekit } from "@sveltejs/kit/vite";
export default { plugins: [sveltekit()] };
""",
        "src/app.html": """\
<!doctype html>
<head>%sveltekit.head%</head>
<body>%sveltekit.body%</body>
""",
    },
    page=("src/routes/+page.svelte", "<h1>version %VERSION%</h1>\n"),
    broken="<h1>version {</h1>\n",
    says="+page.svelte",
    ignored=".svelte-kit\nbuild\n",
)
ASTRO = Shape(
    name="astro",
    title="Astro with the node adapter",
    package={
        "type": "module",
        "scripts": {"build": "astro build", "start": "node --env-file=.env dist/server/entry.mjs"},
        "dependencies": {"astro": "5.16.0", "@astrojs/node": "9.5.1"},
    },
    files={
        "astro.config.mjs": """\
import node from "@astrojs/node";
export default { output: "server", adapter: node({ mode: "standalone" }) };
"""
    },
    page=("src/pages/index.astro", "<h1>version %VERSION%</h1>\n"),
    broken='---\nimport "not-there";\n---\n<h1>broken</h1>\n',
    says="not-there",
    ignored="dist\n.astro\n",
)
ROUTER = "7.9.6"
REACT_ROUTER = Shape(
    name="react-router",
    title="React Router in framework mode",
    package={
        "type": "module",
        "scripts": {
            "build": "react-router build",
            "start": f"{NODE} node_modules/@react-router/serve/bin.js build/server/index.js",
        },
        "dependencies": {
            "@react-router/node": ROUTER,
            "@react-router/serve": ROUTER,
            "react-router": ROUTER,
            "isbot": "5.1.32",
            **REACT,
        },
        "devDependencies": {"@react-router/dev": ROUTER, "vite": "7.2.4"},
    },
    files={
        "vite.config.js": """\
import { reactRouter } from "@react-router/dev/vite";
export default { plugins: [reactRouter()] };
""",
        "app/routes.js": """\
import { index } from "@react-router/dev/routes";
export default [index("home.jsx")];
""",
        "app/root.jsx": """\
import { Outlet, Scripts } from "react-router";
export default function Root() {
  return (
    <html lang="en">
      <body>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
""",
    },
    page=(
        "app/home.jsx",
        'export default function Home() {\n  return <h1>{"version %VERSION%"}</h1>;\n}\n',
    ),
    broken="export default function Home() {\n  return <h1>\n}\n",
    says="home.jsx",
    ignored="build\n.react-router\n",
)
FRAMEWORKS = (NEXT_START, NEXT_STANDALONE, NUXT, SVELTEKIT, ASTRO, REACT_ROUTER, NEST)
