"""What PM2 runs for an app: held against what a real PM2 makes of the same process file."""

import json
import os
import subprocess

import pytest

from sandbox.shelf import pm2_folder
from tests.support.project_dir import Project

SPECS = {
    "npm": {"script": "npm", "args": "start"},
    "words": {"script": "server.js", "args": "--name 'two words' -x"},
    "list": {"script": "server.js", "args": ["two words", "-x"]},
    "exec": {"exec": "server.js"},
    "cwd": {"script": "main.mjs", "cwd": "packages/web"},
    "node_args": {"script": "server.js", "node_args": "--max-old-space-size=300 --no-warnings"},
    "interpreter_args": {"script": "server.cjs", "interpreter_args": ["--no-warnings"]},
    "interpreter": {"script": "run.txt", "interpreter": "bash", "args": "one"},
    "none": {"script": "run.sh", "interpreter": "none"},
    "shell": {"script": "run.sh"},
    "line": {"script": "PORT=1 node server.js"},
    "text": {"script": "server"},
    "binary": {"script": "true"},
    "folder": {"script": "."},
    "cluster": {"script": "server.js", "instances": "2", "exec_mode": "cluster"},
}
FILES = ["server.js", "server.cjs", "server", "run.txt", "run.sh", "packages/web/main.mjs"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return a project with scripts of every kind."""
    project = Project(tmp_path_factory.mktemp("site"), path=os.environ["PATH"])
    for name in FILES:
        (project.root / name).parent.mkdir(parents=True, exist_ok=True)
        (project.root / name).write_text("//\n")
        (project.root / name).chmod(0o755)
    return project


@pytest.fixture(scope="module")
def by_pm2(site, tmp_path_factory):
    """Return what a separate PM2 makes of all of them, by name; it starts none."""
    apps = [{"name": f"app-{name}", "autostart": False, **spec} for name, spec in SPECS.items()]
    (site.root / "all.config.json").write_text(json.dumps({"apps": apps}))
    home = tmp_path_factory.mktemp("p")
    env = {**os.environ, "PM2_HOME": str(home), "PM2_DISCRETE_MODE": "true"}

    def pm2(*words):
        argv = [pm2_folder() / "pm2", "-s", *words]
        done = subprocess.run(argv, cwd=site.root, env=env, capture_output=True, check=False)
        return done.stdout.decode()

    try:
        pm2("start", "all.config.json")
        found = json.loads(pm2("jlist").rstrip().rpartition("\n")[2])
    finally:
        pm2("kill")
    return {one["name"]: one["pm2_env"] for one in found}


def by_ours(site, spec):
    """Return the words that the boot test runs."""
    cwd = site.root / spec.get("cwd", ".")
    call = f"commandOf({json.dumps(spec)}, {json.dumps(str(cwd))})"
    done = site.run("pm2/pm2_start", after=f"console.log(JSON.stringify({call}))")
    return json.loads(done.out)


def words_of(env):
    """Return the words that PM2 starts a process with, but for its own wrapper."""
    runs = env["exec_interpreter"]
    node = [] if runs == "none" else [runs, *env.get("node_args", ())]
    script = env["pm_exec_path"]
    return [*node, script, *env.get("args", ())]


def plain(words):
    """Return the words with the node that PM2's own program runs in as `node`."""
    return ["node" if word.endswith("/node") else word for word in words]


@pytest.mark.parametrize("name", SPECS)
def test_what_is_tried_is_what_pm2_would_run(site, by_pm2, name):
    ours, theirs = by_ours(site, SPECS[name]), words_of(by_pm2[f"app-{name}"])
    if name == "line":  # a program on PATH that PM2 has found
        assert (ours[0], ours[1:]) == ("bash", theirs[1:])
        return
    assert plain(ours) == plain(theirs)


VARIABLES = [
    ({"env": {"A": 1}}, {}, {"A": "1"}),
    ({"env": {"A": 1}, "env_production": {"A": 2, "B": 3}}, {}, {"A": "2", "B": "3"}),
    ({"env": {"A": 1}, "env_staging": {"A": 2}}, {"A": "0", "C": "1"}, {"A": "1", "C": "1"}),
    ({"env": {"A": {"b": 1}}, "port": 3000}, {}, {"A": '{"b":1}', "PORT": "3000"}),
    ({"env": {"A": None, "B": ""}}, {}, {}),
    ({}, {}, {}),
]


@pytest.mark.parametrize(("spec", "more", "wanted"), VARIABLES)
def test_the_variables_are_those_of_the_environment(site, spec, more, wanted):
    call = f"variablesOf({json.dumps(spec)}, 'production', {json.dumps(more)})"
    done = site.run("pm2/pm2_start", after=f"console.log(JSON.stringify({call}))")
    assert json.loads(done.out) == wanted


MISSING = [
    ({"script": "server.js"}, ""),
    ({"script": "npm"}, ""),
    ({"script": "serve"}, ""),
    ({"script": "node dist/x.js"}, ""),
    ({"script": "dist/main"}, "dist/main"),
    ({"script": "dist/main.js", "cwd": "gone"}, "gone"),
    ({}, "script"),
]


@pytest.mark.parametrize(("spec", "wanted"), MISSING)
def test_a_script_that_pm2_would_not_find_is_named(site, spec, wanted):
    cwd = str(site.root / spec.get("cwd", "."))
    call = f"missingFor({json.dumps(spec)}, {json.dumps(cwd)})"
    done = site.run("pm2/pm2_start", after=f"console.log(JSON.stringify({call}))")
    assert json.loads(done.out).removeprefix(f"{site.root}/") == wanted
