"""Which app is started, reloaded, deleted or left alone, by what PM2 runs and what is wanted."""

from __future__ import annotations

import json

import pytest

from tests.support.project_dir import Project, need

ASKED = """
listEntries = async (names) =>
  params.running.filter(({ name }) => names.includes(name));
reloaded = async (workers, name) => {
  fs.appendFileSync(params.calls, `reload ${name}\\n`);
  return { code: 0 };
};
restartApps(params.entry, params.ran, () => {}).then(() => process.exit(0), fail);
"""
WEB = {"name": "web", "digest": "w", "sets": []}
WORKER = {"name": "worker", "digest": "k", "sets": []}
NIGHTLY = {"name": "nightly", "digest": "n", "sets": [], "cron": True, "autorestart": False}
ONCE = {"name": "once", "digest": "o", "sets": [], "autorestart": False}
SPACED = {"name": "mail worker", "digest": "m", "sets": []}


def entry(*apps, **more):
    """Return an entry of these apps."""
    return {"file": "e.cjs", "digest": "all", "apps": list(apps), **more}


def changed(app):
    """Return the app with other settings."""
    return {**app, "digest": "other"}


OLD = {"file": "e.cjs", "digest": "w", "sets": []}
TAKEN = entry(WEB, kept="t")
NEW_WORKER = {**WORKER, "digest": "taken", "file": ".deploy/started/t.json"}
ALL = {"web": "online", "worker": "online", "nightly": "stopped"}
# What is wanted, what PM2 may run, what it runs now (by number in this order), what it is given.
CASES = {
    "nothing runs": (entry(WEB, WORKER), None, {}, ["start web,worker"]),
    "all are as they were": (
        entry(WEB, WORKER, NIGHTLY),
        entry(WEB, WORKER, NIGHTLY),
        ALL,
        ["reload web", "reload worker"],
    ),
    "one changed": (
        entry(WEB, changed(WORKER)),
        entry(WEB, WORKER),
        ALL,
        ["reload web", "delete 1", "start worker"],
    ),
    "one is new": (
        entry(WEB, WORKER),
        entry(WEB),
        {"web": "online"},
        ["reload web", "start worker"],
    ),
    "one left": (entry(WEB), entry(WEB, WORKER), ALL, ["delete 1", "reload web"]),
    "one was stopped": (
        entry(WEB, WORKER),
        entry(WEB, WORKER),
        {"web": "online", "worker": "stopped"},
        ["reload web", "delete 1", "start worker"],
    ),
    "a job changed": (
        entry(WEB, changed(NIGHTLY)),
        entry(WEB, NIGHTLY),
        {"web": "online", "nightly": "stopped"},
        ["reload web", "delete 1", "start nightly"],
    ),
    "a job runs now": (
        entry(NIGHTLY),
        entry(NIGHTLY),
        {"nightly": "online"},
        ["reload nightly"],
    ),
    "what runs once is run again": (
        entry(ONCE),
        entry(ONCE),
        {"once": "stopped"},
        ["delete 0", "start once"],
    ),
    "the entry of an older version of the tool": (
        entry(WEB, WORKER),
        OLD,
        {"web": "online"},
        ["reload web", "start worker"],
    ),
    "back to an entry of an older version": (
        OLD,
        entry(WEB, WORKER),
        ALL,
        ["reload web", "reload worker"],
    ),
    "back to what was started by hand": (
        TAKEN,
        entry(changed(WEB), WORKER),
        ALL,
        ["reload worker", "delete 0", "start web"],
    ),
    "back to all that was started by hand": (
        {**TAKEN, "complete": True},
        entry(WEB, WORKER),
        ALL,
        ["delete 1", "reload web"],
    ),
    "one that has a file of its own": (
        entry(WEB, NEW_WORKER),
        entry(WEB, WORKER),
        ALL,
        ["reload web", "delete 1", "start worker from t.json"],
    ),
    "a name that PM2 cannot select": (
        entry(WEB, SPACED),
        entry(WEB),
        {"web": "online"},
        ["delete 0", "start all"],
    ),
    "two of one name": (
        entry(WEB, WORKER, changed(WORKER)),
        entry(WEB, WORKER, changed(WORKER)),
        ALL,
        ["reload web", "reload worker", "delete 1", "start worker"],
    ),
    "one that a person starts": (
        entry({**WORKER, "autostart": False}),
        entry({**WORKER, "autostart": False}),
        {"worker": "stopped"},
        [],
    ),
    "one left that runs elsewhere": (
        entry(WEB),
        entry(WEB, WORKER),
        {"web": "online", "worker": "elsewhere"},
        ["reload web"],
    ),
}


def running(place, states):
    """Return what PM2 says of apps in these states."""
    return [
        {
            "name": name,
            "pm_id": number,
            "pm2_env": {
                "status": "online" if state == "elsewhere" else state,
                "pm_cwd": "/elsewhere" if state == "elsewhere" else str(place / "project"),
                "pm_exec_path": "/elsewhere/app.js",
            },
        }
        for number, (name, state) in enumerate(states.items())
    ]


def told(line):
    """Return what PM2 was told, in short."""
    words = line.split()
    if words[0] != "start":
        return line
    only = words[words.index("--only") + 1] if "--only" in words else "all"
    place = words[1].rpartition("/")[2]
    return f"start {only}" + ("" if place == "e.cjs" else f" from {place}")


@pytest.mark.parametrize("name", CASES)
def test_each_app_gets_what_it_needs(tmp_path, name):
    need("node")
    wanted, ran, states, calls = CASES[name]
    log, pm2 = tmp_path / "calls", tmp_path / "pm2"
    log.touch()
    pm2.write_text(f'echo "$*" >>{log}\n')
    project = Project(tmp_path).fill()
    done = project.run(
        "pm2/restart_apps",
        after=ASKED,
        app="web",
        run="r1",
        pm2=f"/bin/bash {pm2}",
        calls=str(log),
        entry=wanted,
        ran=ran,
        running=running(tmp_path, states),
    )
    assert done.code == 0, done.out
    assert [told(line) for line in log.read_text().splitlines()] == calls


def test_an_app_that_runs_elsewhere_is_not_touched(tmp_path):
    need("node")
    log = tmp_path / "calls"
    log.touch()
    found = running(tmp_path, {"web": "online", "worker": "elsewhere"})
    asked = {"entry": entry(WEB, WORKER), "ran": None, "running": found}
    done = (
        Project(tmp_path)
        .fill()
        .run("pm2/restart_apps", after=ASKED, app="web", run="r1", calls=str(log), **asked)
    )
    assert done.code != 0
    assert json.loads(json.dumps(done.result)).get("code") == "pm2-app-elsewhere", done.out
    assert not log.read_text()
