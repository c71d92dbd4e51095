"""What the apps of the live version use, and how each of them is shown."""

from __future__ import annotations

import json
import subprocess

from tests.support.project_dir import Project, need

ASKED = """
const worker = (more) => ({ status: 'online', restarts: 1, memory: 5, mode: 'fork_mode', ...more });
const apps = [
  { name: 'web', rests: false, workers: [withTree(worker({ pid: params.pid }))] },
  { name: 'cron', rests: true, workers: [worker({ pid: 0, status: 'stopped' })] },
  { name: 'cluster', rests: false, workers: [
    worker({ pid: 7, mode: 'cluster_mode' }),
    worker({ pid: 8, mode: 'cluster_mode', status: 'errored' }),
  ] },
  { name: 'gone', rests: false, workers: [] },
];
reply({ apps: appFacts(apps) });
process.exit(0);
"""


def test_an_app_below_npm_is_measured_with_all_that_it_started(tmp_path):
    need("node")
    shell = ["sh", "-c", "sleep 60 & sleep 60; exit"]  # it stays as the parent of both
    with subprocess.Popen(shell, start_new_session=True) as process:
        done = Project(tmp_path).run("pm2/pm2_facts", after=ASKED, app="web", pid=process.pid)
        subprocess.run(["pkill", "-P", str(process.pid)], check=False)
    web, cron, cluster, gone = json.loads(done.out)["apps"]
    assert web["memory"] > 100_000
    assert (web["pid"], web["status"], web["mode"]) == (process.pid, "online", "fork")
    assert (cron["status"], cron["rests"], cron["memory"]) == ("stopped", True, 5)
    assert (cluster["status"], cluster["restarts"]) == ("online, errored", 2)
    assert (gone["status"], gone["pid"], gone["mode"]) == ("missing", 0, "")
