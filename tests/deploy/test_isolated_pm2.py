"""What is tried aside (install, build, boot test, hooks there) never reaches the account's PM2."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import stat
import time
from pathlib import Path

import pytest

from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.remote.jobs import commands_job
from mantodeus_ops.remote.shell import Command
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.steps import Steps
from sandbox.processes import is_alive
from tests.support.fake_host import host_at
from tests.support.project_dir import Project
from tests.transaction.test_activate_failures import WHAT, site_at

# As PM2's own program does: a daemon in a session apart, which leaves its number in its home.
DAEMON = """
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const home = process.env.PM2_HOME || `${os.homedir()}/.pm2`;
const code = 'setInterval(() => {}, 1000)';
const options = { detached: true, stdio: 'ignore', env: { ...process.env, PM2_HOME: home } };
const daemon = spawn(process.execPath, ['-e', code], options);
options.env.pm_id = '0';
const app = spawn(process.execPath, ['-e', code], options);
[daemon, app].forEach((one) => one.unref());
fs.writeFileSync(`${home}/pm2.pid`, String(daemon.pid));
const names = Object.keys(process.env).filter((name) => /PM2_|^pm_/.test(name));
const mode = fs.statSync(home).mode;
const told = { home, mode, names, pids: [daemon.pid, app.pid] };
fs.writeFileSync(process.argv[2], JSON.stringify(told));
"""
SERVER = "require('http').createServer((_, answer) => answer.end()).listen(process.env.PORT)"


@pytest.fixture
def account(tmp_path, monkeypatch):
    """Return the account's own PM2 home, which every variable here leads to."""
    home = tmp_path / "account/.pm2"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home.parent))
    monkeypatch.setenv("PM2_HOME", str(home))
    monkeypatch.setenv("PM2_DAEMON_RPC_PORT", f"{home}/rpc.sock")
    monkeypatch.setenv("pm_id", "7")
    return home


@pytest.fixture
def daemon(tmp_path):
    """Return the words that start a PM2 of some kind, which tells where it is at home."""
    (tmp_path / "pm2.cjs").write_text(DAEMON)
    return (shutil.which("node"), str(tmp_path / "pm2.cjs"), str(tmp_path / "told"))


def refuse_traces(tmp_path, account):
    """Demand that it had a private home, that went with all that was started there."""
    told = json.loads((tmp_path / "told").read_text())
    assert list(account.iterdir()) == []
    assert stat.S_IMODE(told["mode"]) == 0o700
    assert len(told["home"]) + len("/interactor.sock") < 60
    assert told["names"] == ["PM2_HOME"]
    assert not Path(told["home"]).exists()
    assert not [pid for pid in told["pids"] if is_alive(pid)]
    assert not list(tmp_path.glob("**/.deploy/jobs/*/pm2"))


def follow(tmp_path, argv, *, aside=True):
    """Run a command as a job."""
    return commands_job(host_at(tmp_path), "build", [Command(argv)], aside=aside).follow()


@pytest.mark.parametrize("then", ["", "; exit 3", "; kill $PPID"])
def test_a_build_has_a_pm2_that_goes_with_it(tmp_path, account, daemon, then):
    follow(tmp_path, ("bash", "-c", shlex.join(daemon) + then))
    refuse_traces(tmp_path, account)


def test_what_runs_in_the_project_works_with_the_accounts_pm2(tmp_path, account):
    home = f'echo "$PM2_HOME" >{tmp_path}/home'
    assert follow(tmp_path, ("bash", "-c", home), aside=False).code == 0
    assert (tmp_path / "home").read_text().strip() == str(account)


def test_another_program_that_a_build_leaves_behind_is_not_taken_for_pm2(tmp_path, account):
    text = f"sleep 60 >/dev/null 2>&1 & echo $! >{tmp_path}/pid"
    assert follow(tmp_path, ("bash", "-c", text)).code == 0
    pid = int((tmp_path / "pid").read_text())
    assert is_alive(pid)
    os.kill(pid, 9)
    assert list(account.iterdir()) == []


def test_the_boot_test_has_a_pm2_that_goes_with_it(tmp_path, account, daemon):
    project = Project(tmp_path)
    staging = project.root / ".deploy/staging"
    staging.mkdir()
    words = f"{json.dumps(daemon[0])}, {json.dumps(daemon[1:])}"
    start = f"require('child_process').execFileSync({words})"
    (staging / "server.js").write_text(f"{start};\n{SERVER}\n")
    env = {"PM2_HOME": str(account)}
    done = project.run(
        "deploy/boot_test",
        spec={"script": "server.js", "interpreter": "node", "env": env},
        health={"wait": 20, "retries": 1, "delay": 1, "timeout": 5},
        health_url="http://localhost:1/",
    )
    assert (done.code, done.out.count("\n")) == (0, 1), done.out
    refuse_traces(tmp_path, account)


def commit_hook(tmp_path, daemon, *, staged):
    """Have a hook before the commit start a PM2, and end the commit."""
    host = site_at(tmp_path / "site", hooks={"before_commit": (f"{shlex.join(daemon)}; exit 3",)})
    if not staged:
        shutil.rmtree(tmp_path / "site/.deploy/staging")
    with pytest.raises(StepFailedError, match="before_commit"):
        activate(host, Steps(host), **WHAT)


def test_a_hook_in_the_stage_has_a_pm2_that_goes_with_it(tmp_path, account, daemon):
    commit_hook(tmp_path, daemon, staged=True)
    refuse_traces(tmp_path, account)


def test_a_hook_in_the_project_works_with_the_accounts_pm2(tmp_path, account, daemon):
    commit_hook(tmp_path, daemon, staged=False)
    told = json.loads((tmp_path / "told").read_text())
    for pid in told["pids"]:
        os.kill(pid, 9)
    assert told["home"] == str(account)


@pytest.mark.parametrize("work", ["deploy/stage", "transaction/record"])
def test_what_a_job_that_was_killed_left_is_ended_by_the_next(tmp_path, account, daemon, work):
    project = Project(tmp_path)
    job = project.root / ".deploy/jobs/20260101-000000-build-abcdef"
    job.mkdir()
    text = f"asideHome(); runAsync({json.dumps(daemon)}, {{ env: asideEnv(process.env) }})"
    project.run("deploy/isolated_pm2", after=text, job=job.name)
    told = json.loads((tmp_path / "told").read_text())
    assert is_alive(told["pids"][0])
    project.run(work, commands=[], tidy=True)
    deadline = time.monotonic() + 60
    while any(map(is_alive, told["pids"])) and time.monotonic() < deadline:
        time.sleep(0.02)
    refuse_traces(tmp_path, account)


def test_a_home_that_is_no_more_ours_is_let_alone(tmp_path):
    project = Project(tmp_path)
    (tmp_path / "precious").mkdir()
    (project.job / "pm2").symlink_to(tmp_path / "precious")
    project.run("deploy/isolated_pm2", after="endAside()")
    assert (tmp_path / "precious").exists()
    assert not (project.job / "pm2").is_symlink()
