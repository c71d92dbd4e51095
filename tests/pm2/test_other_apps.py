"""What is wrong of the apps beside the one that is asked for its health."""

from __future__ import annotations

import json
import os

import pytest

from tests.support.project_dir import Project, need

ASKED = """
process.env.PM2_HOME = params.home;
fs.mkdirSync(params.home, { recursive: true });
const before = comebacksBeside(params.others);
const lost = lostBeside(params.later || params.others, before);
reply({ down: (fallen(params.others) || {}).reason || '', lost: (lost || {}).reason || '' });
process.exit(0);
"""
HERE = os.getpid()  # a process that runs
GONE = 2**22 + 1


def app(*states, rests=False, pid=HERE, restarts=0):
    """Return an app with a process in each of these states."""
    one = {"name": "worker", "pid": pid, "restarts": restarts, "mode": "fork_mode", "cwd": ""}
    return {"name": "worker", "rests": rests, "workers": [{**one, "status": s} for s in states]}


CASES = {
    "it runs": ([app("online")], "", ""),
    "all its processes run": ([app("online", "online")], "", ""),
    "PM2 does not know it": ([app()], "app worker: PM2 knows no app named worker", ""),
    "it was stopped": ([app("stopped", pid=0)], "app worker: PM2 says stopped", "stopped"),
    "PM2 gave it up": ([app("errored", pid=0)], "app worker: PM2 says errored", "errored"),
    "one of two is down": ([app("online", "errored")], "app worker: PM2 says errored", "errored"),
    "its process is gone": ([app("online", pid=GONE)], "is gone", ""),
    "it waits for its time": ([app("stopped", rests=True, pid=0)], "", ""),
    "it has just ended": ([app("online", rests=True, pid=GONE)], "", ""),
    "it waits, but PM2 gave it up": (
        [app("errored", rests=True, pid=0)],
        "app worker: PM2 says errored",
        "errored",
    ),
    "there is none": ([], "", ""),
}


def asked(place, **params):
    """Return what is wrong of these apps."""
    done = Project(place).run(
        "pm2/other_apps", after=ASKED, app="web", home=str(place / "pm2"), **params
    )
    assert done.code == 0, done.out
    return json.loads(done.out)


@pytest.mark.parametrize("name", CASES)
def test_an_app_runs_or_rests_or_is_named(tmp_path, name):
    need("node")
    others, down, lost = CASES[name]
    seen = asked(tmp_path, others=others)
    assert seen["down"].startswith(down) or down in seen["down"][-20:]
    assert bool(seen["down"]) is bool(down)
    assert lost in seen["lost"]
    assert bool(seen["lost"]) is bool(lost)


def test_an_app_that_is_started_again_and_again_is_lost(tmp_path):
    need("node")
    later = [app("online", restarts=3)]
    seen = asked(tmp_path, others=[app("online")], later=later)
    assert seen["lost"] == "app worker: it keeps dying at start (3 restarts, PM2 says online)"
