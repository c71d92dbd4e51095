import json

import pytest

from mantodeus_ops.deploy.start_command import pnp_start_spec, start_command, start_spec
from mantodeus_ops.errors import PreflightError

LOOK_UP = 'PATH="$PWD/node_modules/.bin:$PATH" exec '


def shell(line):
    """Return the entry of a command that only a shell can run."""
    return {"script": "/bin/bash", "args": ["-c", line], "interpreter": "none"}


@pytest.mark.parametrize(
    ("command", "spec"),
    [
        ("node dist/index.js", {"script": "dist/index.js", "interpreter": "node"}),
        (
            "node --max-old-space-size=512 -r dotenv/config dist/index.js --port 1 'a b'",
            {
                "script": "dist/index.js",
                "interpreter": "node",
                "node_args": ["--max-old-space-size=512", "-r", "dotenv/config"],
                "args": ["--port", "1", "a b"],
            },
        ),
        (
            "NODE_ENV=production EMPTY= node dist/index.js",
            {
                "script": "dist/index.js",
                "interpreter": "node",
                "env": {"NODE_ENV": "production", "EMPTY": ""},
            },
        ),
        *(
            (
                f"node {flag} x y.js",
                {"script": "y.js", "interpreter": "node", "node_args": [flag, "x"]},
            )
            for flag in ("-r", "--require", "--import", "--loader")
        ),
        ("node x=y.js", {"script": "x=y.js", "interpreter": "node"}),
        ("A=b=c node x", {"script": "x", "interpreter": "node", "env": {"A": "b=c"}}),
        ("serve", shell(f"{LOOK_UP}serve")),
        ("./bin/serve -p 1", {"script": "./bin/serve", "args": ["-p", "1"], "interpreter": "none"}),
        ("next start", shell(f"{LOOK_UP}next start")),
        ("A='x y' next start", shell(f"{LOOK_UP}next start") | {"env": {"A": "x y"}}),
        ("npm run x && node y", shell("npm run x && node y")),
        ("node x > log", shell("node x > log")),
        *((line, shell(line)) for line in ("node $ENTRY", "a; b", "a | b", "a < b", "`a`", "a *")),
        *((line, shell(line)) for line in ("(a)", "a ?", "a\nb")),
        ("cross-env A=b node x", shell("cross-env A=b node x")),
    ],
)
def test_a_command_becomes_an_entry_with_no_more_shell_than_it_needs(command, spec):
    assert start_spec(command) == spec


@pytest.mark.parametrize(
    "command", ["node 'dist/index.js", "A=b", " ", "A=b  C=d", "node", "node -r x"]
)
def test_a_command_that_starts_nothing_is_refused_with_its_text(command):
    with pytest.raises(PreflightError, match="start command") as caught:
        start_spec(command)
    assert repr(command) in caught.value.message
    assert caught.value.hint == "set start_command in the inventory"


@pytest.mark.parametrize(
    ("configured", "package", "command"),
    [
        ("node a.js", {"scripts": {"start": "node b.js"}, "main": "c.js"}, "node a.js"),
        ("", {"scripts": {"start": "node b.js"}, "main": "c.js"}, "node b.js"),
        ("", {"scripts": {"build": "x"}, "main": "my app.js"}, "node 'my app.js'"),
    ],
)
def test_the_inventory_wins_over_the_start_script_and_that_over_main(configured, package, command):
    assert start_command(configured, json.dumps(package)) == command


@pytest.mark.parametrize("package", ["", "{}", '{"scripts": {}}', '{"main": ""}', '{"main": 0}'])
def test_an_app_that_nothing_says_how_to_start_is_refused(package):
    with pytest.raises(PreflightError) as caught:
        start_command("", package)
    ways = "no ecosystem file, no start_command and no start script"
    assert caught.value.message == f"the app has {ways}"
    assert caught.value.hint == "set start_command in the inventory"


YARN = ("corepack", "yarn")


def test_node_is_given_the_resolver_of_plug_n_play():
    command = "X=1 node --inspect server.js"
    spec = pnp_start_spec(command, {}, YARN, "./.pnp.cjs", own=True)
    assert spec["script"] == "server.js"
    assert spec["node_args"] == ["--require", "./.pnp.cjs", "--inspect"]
    assert spec["env"] == {"X": "1"}


@pytest.mark.parametrize(
    ("command", "package", "own", "line"),
    [
        ("next start", {}, True, "exec corepack yarn run start"),
        ("node server.mjs", {"type": "module"}, True, "exec corepack yarn run start"),
        ("next start -p 1", {}, False, "exec corepack yarn exec 'next start -p 1'"),
    ],
)
def test_yarn_runs_what_else_plug_n_play_serves(command, package, own, line):
    spec = pnp_start_spec(command, package, YARN, "./.pnp.cjs", own=own)
    assert (spec["script"], spec["args"]) == ("/bin/bash", ["-c", line])
