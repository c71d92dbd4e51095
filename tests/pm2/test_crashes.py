"""Which ends of an app are crashes, read from what PM2 writes into its own log."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from tests.support.project_dir import Project, need

# %d is the age in seconds at which PM2 wrote it; the worker that runs now began at 5.
START, END = (
    "App [app:0] starting in -fork mode-",
    "App [app:0] exited with code [1] via signal [SIGINT]",
)
GIVEN_UP = 'Script /srv/app.js had too many unstable restarts (3). Stopped. "errored"'
STOP = "Stopping app:app id:0"
LOGS = {
    "it runs": ([(5, START)], 0, False),
    "it fell once": ([(60, START), (6, END), (5, START)], 1, True),
    "it fell twice": ([(90, START), (60, END), (59, START), (6, END), (5, START)], 2, True),
    "it was restarted": ([(60, START), (6, STOP), (6, END), (5, START)], 0, False),
    "it fell, and then was restarted": (
        [(90, START), (60, END), (59, START), (6, STOP), (6, END), (5, START)],
        0,
        False,
    ),
    "PM2 restarted it as it took too much memory": (
        [
            (60, START),
            (6, "[PM2][WORKER] Process 0 restarted because it exceeds --max-memory-restart value"),
            (6, "Process 0 in a stopped status, starting it"),
            (6, STOP),
            (6, END),
            (5, START),
        ],
        0,
        False,
    ),
    "PM2 replaced a worker of its cluster": (
        [
            (90, START),
            (60, END),
            (59, START),
            (5, START),
            (4, "Stopping app:app id:_old_0"),
            (4, "App [app:_old_0] exited with code [0] via signal [SIGINT]"),
        ],
        0,
        False,
    ),
    "a worker that was to give way died first": (
        [(60, START), (5, START), (4, "App [app:_old_0] exited with code [1] via signal [SIGINT]")],
        0,
        False,
    ),
    "PM2 gave it up, and it was started again": (
        [(30, START), (29, END), (28, START), (27, END), (27, GIVEN_UP), (5, START)],
        0,
        False,
    ),
    "PM2 gave another app up": (
        [
            (30, START),
            (29, END),
            (28, "App [other:1] exited with code [1] via signal [SIGINT]"),
            (28, GIVEN_UP),
            (5, START),
        ],
        1,
        True,
    ),
    "a new daemon began": (
        [(90, START), (60, END), (50, "New PM2 Daemon started"), (5, START)],
        0,
        False,
    ),
}
LOGS["it fell long ago"] = ([(900, START), (800, END), (799, START)], 0, True)
ASKED = """
process.env.PM2_HOME = params.home;
const known = { id: 0, pid: process.pid, up_since: now() - params.age };
const worker = { ...known, autorestart: true, stop_codes: [], ...params.worker };
ageOfProcess = () => params.age;
const real = Date.now;
Date.now = () => real() + params.step * 1000;
if (params.mark >= 0) {
  const daemon = { ...markOf(daemonLog(), params.mark) };
  fs.writeFileSync(beganFile, JSON.stringify({ at: now(), daemon, folders: [], files: {} }));
}
const { recent, fell, back } = crashesOf([worker]);
const ago = recent.map((one) => one.ago);
reply({ count: recent.length, fell: Boolean(fell(worker)), back, ago });
"""


def asked(place, lines, *, worker=None, step=0, mark=-1):
    """Return what is read from a log of these lines, each with how long ago it was written."""
    home, now = place / "pm2", datetime.now().astimezone()
    home.mkdir()
    texts = [
        f"{(now - timedelta(seconds=age)).strftime('%Y-%m-%dT%H:%M:%S')}: PM2 log: {text}\n"
        for age, text in lines
    ]
    (home / "pm2.log").write_text("".join(texts))
    age = next((age for age, text in reversed(lines) if text == START), 0)
    told = {"home": str(home), "age": age, "step": step, "worker": worker or {}}
    bytes_before = len("".join(texts[:mark])) if mark >= 0 else -1
    done = Project(place).run("pm2/crashes", after=ASKED, app="app", mark=bytes_before, **told)
    return json.loads(done.out)


@pytest.mark.parametrize("name", LOGS)
def test_an_end_that_was_asked_for_is_no_crash(tmp_path, name):
    need("node")
    lines, count, fell = LOGS[name]
    seen = asked(tmp_path, lines)
    assert (seen["count"], seen["fell"]) == (count, fell)


@pytest.mark.parametrize(
    "worker", [{"autorestart": False}, {"stop_codes": [1]}, {"stop_codes": [0, 1]}]
)
def test_what_starts_an_app_that_pm2_leaves_alone_was_asked_to(tmp_path, worker):
    need("node")
    lines = [(90, START), (60, END), (50, START), (20, END), (5, START)]
    seen = asked(tmp_path, lines, worker=worker)
    assert (seen["count"], seen["fell"]) == (0, False)


@pytest.mark.parametrize("mark", [2, 3])
def test_a_crash_belongs_to_the_version_that_had_it(tmp_path, mark):
    need("node")
    lines = [(90, START), (60, END), (20, END), (5, START)]
    assert asked(tmp_path, lines, mark=mark)["count"] == 3 - mark
    # 3: all that was before the start of ours; 2: the second end came after it.


@pytest.mark.parametrize("step", [-365 * 86400, -7200, 7200, 365 * 86400])
def test_a_crash_is_as_old_as_it_is_whatever_the_clock_says(tmp_path, step):
    need("node")
    lines = [(90, START), (60, END), (59, START), (6, END), (5, START)]
    seen = asked(tmp_path, lines, step=step)
    assert seen["count"] == 2
    assert [round(ago) for ago in seen["ago"]] == [60, 6]


@pytest.mark.parametrize("step", [-365 * 86400, 365 * 86400])
def test_a_crash_of_long_ago_is_none_of_now_whatever_the_clock_says(tmp_path, step):
    need("node")
    seen = asked(tmp_path, LOGS["it fell long ago"][0], step=step)
    assert seen["count"] == 0


def test_comebacks_are_counted_since_the_last_start_on_purpose(tmp_path):
    need("node")
    lines = [(90, START), (60, STOP), (60, END), (50, START), (20, END), (5, START)]
    assert asked(tmp_path, lines)["back"] == 1
