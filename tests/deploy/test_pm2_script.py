import json

import pytest

from mantodeus_ops.deploy.pm2_script import pm2_call, replacement_for
from mantodeus_ops.deploy.start_command import start_command
from mantodeus_ops.errors import PreflightError

SCRIPTS = {
    "start": "npm run serve",
    "serve": "cross-env NODE_ENV=production pm2 start dist/index.js -i 2 -- --port 1",
    "dev": "node dev.js",
    "pm2": "node not-the-program.js",
    "loop": "npm run loop",
    "prewarm": "pm2 ping",
    "warm": "node warm.js",
}


@pytest.mark.parametrize(
    "command",
    [
        "pm2 start x.js",
        "pm2-runtime x.js",
        "pm2-runtime start ecosystem.config.js",
        "pm2 reload app",
        "A=b pm2 start x.js",
        "npx pm2 start x.js",
        "npx --yes pm2@5 start x.js",
        "npx -- pm2 start x.js",
        "cross-env A=b pm2 start x.js",
        "cross-env A=b npx pm2 start x.js",
        "dotenv -e .env -- pm2 start x.js",
        "env-cmd -f .env npm run serve",
        "./node_modules/.bin/pm2 start x.js",
        "node ./node_modules/.bin/pm2 start x.js",
        "node --trace-warnings node_modules/pm2/bin/pm2 start x.js",
        "npm run build && pm2 start x.js",
        "(sleep 1; pm2 start x.js)",
        "node a.js\npm2 start x.js",
        "bash -c 'exec pm2 start x.js'",
        "concurrently 'node a.js' 'pm2-runtime x.js'",
        "npm start",
        "npm --silent run serve",
        "pnpm serve",
        "yarn start",
        "yarn exec pm2 start x.js",
        "npm exec -- pm2 start x.js",
        "npm-run-all dev serve",
        "npm run warm",
        "npm restart",
        "node --run serve",
        "node -r dotenv/config node_modules/.bin/pm2 start x.js",
        "tsx node_modules/pm2/bin/pm2 start x.js",
        "if true; then pm2 start x.js; fi",
        "while :; do pm2 start x.js; done",
        "{ ! pm2 start x.js; }",
        "`npm bin`/pm2 start x.js",
        "eval pm2 start x.js",
        "dumb-init -- pm2-runtime x.js",
        "stdbuf -oL setsid pm2 start x.js",
    ],
)
def test_a_command_that_calls_pm2_by_whatever_way_is_known(command):
    assert pm2_call(command, SCRIPTS)


@pytest.mark.parametrize(
    "command",
    [
        "",
        "node server.js",
        "node server.js --manager pm2",
        "tsx server.ts --manager pm2",
        "tini -- node server.js pm2",
        "node -r pm2 server.js",
        "node --run dev",
        "echo then pm2",
        "node pm2.js",
        "node pm2/server.js",
        "echo 'pm2 start x.js'",
        "npm run pm2",
        "npm run dev",
        "npm run loop",
        "npm run missing",
        "yarn",
        "next start",
        "cross-env PM2_HOME=x node server.js",
        "npx vite preview",
        "env A=b",
        "node 'unclosed",
    ],
)
def test_a_command_that_only_names_pm2_is_none_that_calls_it(command):
    assert pm2_call(command, SCRIPTS) == []


@pytest.mark.parametrize("command", ["yarn pm2 start x.js", "bun --silent pm2 start x.js"])
def test_a_manager_runs_a_program_that_is_none_of_its_scripts(command):
    assert pm2_call(command, {}) == ["pm2", "start", "x.js"]


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("pm2 start dist/index.js -i 2", 'start_command = "node dist/index.js"'),
        ("pm2 start --name a x.js -- -p 1", 'start_command = "node x.js -p 1"'),
        ("pm2-runtime x.mjs", 'start_command = "node x.mjs"'),
        ("pm2 start ops/process.json --env production", 'ecosystem = "ops/process.json"'),
        ("pm2-runtime start a.config.cjs", 'ecosystem = "a.config.cjs"'),
        ("npm start", 'start_command = "node dist/index.js --port 1"'),
        ("pm2 reload app", "without PM2"),
        ("pm2 start npm -- start", "without PM2"),
    ],
)
def test_the_hint_is_what_to_set_in_its_place(command, hint):
    assert hint in replacement_for(pm2_call(command, SCRIPTS))


@pytest.mark.parametrize("configured", ["", "npm start", "npx pm2 start x.js"])
def test_such_a_start_is_refused_before_anything_is_installed(configured):
    with pytest.raises(PreflightError) as refused:
        start_command(configured, json.dumps({"scripts": SCRIPTS}))
    assert "pm2 start" in refused.value.message
    assert refused.value.hint.startswith("set start_command = ")
