"""A thousand lists as PM2 might give them, torn and twisted: none of them breaks a look."""

import json
import os
import random
import subprocess

from tests.support.node_snippets import with_snippet

ENTRY = {
    "pid": os.getpid(),  # one that lives, so that everything is looked at
    "name": "manager",
    "pm_id": 0,
    "monit": {"memory": 1000, "cpu": 0.5},
    "pm2_env": {
        "status": "online",
        "restart_time": 1,
        "pm_uptime": 1_700_000_000_000,
        "unstable_restarts": 0,
        "exec_mode": "fork_mode",
        "pm_cwd": "/srv/app",
        "pm_exec_path": "/srv/app/app.js",
        "pm_out_log_path": "/srv/out.log",
        "pm_err_log_path": "/srv/err.log",
    },
}
STRANGE = [None, "", "x", -1, 0, 10**15, 1.5, [], {}, True, [None], {"a": None}]
HARNESS = """
for (const list of params.lists) {
  const workers = list.filter((entry) => entry && entry.name === params.app).map(summary);
  crashesOf(workers);
  standing(workers);
  seenOf({ workers, healthy: false, reason: standing(workers) });
}
fs.writeSync(1, 'whole\\n');
process.exit(0);
"""


def twisted(chance):
    """Return a list with one or more strange values in it."""
    entry = json.loads(json.dumps(ENTRY))
    for _ in range(chance.randint(1, 4)):
        place = chance.choice([entry, entry["pm2_env"], entry["monit"]])
        if not isinstance(place, dict) or not place:
            continue
        key = chance.choice(sorted(place))
        if chance.random() < 0.3 and key not in {"pm2_env", "monit"}:
            del place[key]
        elif key not in {"pm2_env", "monit"}:
            place[key] = chance.choice(STRANGE)
    for key in ("pm2_env", "monit"):
        if chance.random() < 0.1:
            entry[key] = None
    return [chance.choice(STRANGE), {**entry, "name": "manager"}]


def test_a_thousand_twisted_lists_break_nothing(tmp_path):
    chance = random.Random(5)  # noqa: S311 - the same lists each time
    lists = [twisted(chance) for _ in range(1000)]
    told = {"project_dir": str(tmp_path), "app": "manager", "lists": lists, "env_file": ".env"}
    place = tmp_path / "params.json"
    place.write_text(json.dumps(told) + "\n")
    program = with_snippet("health/health", HARNESS)
    with place.open() as given:
        done = subprocess.run(
            ["node", "-"],
            input=program,
            env={**os.environ, "OPS_PARAMS_FD": str(given.fileno()), "PM2_HOME": str(tmp_path)},
            pass_fds=[given.fileno()],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout == "whole\n", (done.stdout + done.stderr)[-2000:]
