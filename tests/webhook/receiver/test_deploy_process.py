import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mantodeus_ops.webhook.receiver.deploy_process import DeployProcess, deploy_environment, new_run


def child(folder, script):
    return DeployProcess(folder / "runs", (sys.executable, "-c", script), folder)


def waited(one):
    late = time.monotonic() + 60
    while one.runs():
        assert time.monotonic() < late
        time.sleep(0.01)


def env():
    return deploy_environment(os.environ)


def test_a_deploy_is_told_its_revision_and_what_it_says_is_read(tmp_path):
    one = child(tmp_path, "import sys, json; print('x'); print(json.dumps({'argv': sys.argv[1:]}))")
    run = new_run()
    one.start(run, "a" * 40, env())
    waited(one)
    assert one.ended(run) == (0, {"argv": ["--ref", "a" * 40]}, "")


def test_its_exit_code_and_last_words_are_read(tmp_path):
    one = child(
        tmp_path, "import sys; print('{\"cut'); print('error: no', file=sys.stderr); exit(2)"
    )
    run = new_run()
    one.start(run, "a" * 40, env())
    waited(one)
    assert one.ended(run) == (2, None, "error: no")


def test_one_that_another_receiver_started_is_seen_and_no_second_is_begun(tmp_path):
    first = child(tmp_path, "import time; time.sleep(0.5); print('{}')")
    run = new_run()
    first.start(run, "a" * 40, env())
    second = child(tmp_path, "")
    assert second.runs()
    with pytest.raises(BlockingIOError):
        second.start(new_run(), "b" * 40, env())
    waited(first)
    assert not second.runs()
    assert second.ended(run) == (None, {}, "")


def test_it_is_seen_from_its_very_beginning_though_its_starter_was_killed(tmp_path):
    starter = f"""
import os, signal, sys
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from mantodeus_ops.webhook.receiver.deploy_process import DeployProcess
one = DeployProcess(Path({str(tmp_path / "runs")!r}), ("sh", "-c", "sleep 0.7", "sh"), Path("/"))
one.start("run", "a" * 40, dict(os.environ))
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", starter], check=False)
    one = child(tmp_path, "")
    assert one.runs()
    waited(one)


def test_a_program_that_a_deploy_leaves_behind_does_not_pass_for_it(tmp_path):
    script = "import subprocess; subprocess.Popen(['sleep', '30'], start_new_session=True)"
    one = child(tmp_path, script)
    one.start(new_run(), "a" * 40, env())
    began = time.monotonic()
    waited(one)
    assert time.monotonic() - began < 20


def test_old_runs_go(tmp_path):
    one = child(tmp_path, "print('{}')")
    for _ in range(25):
        run = new_run()
        (tmp_path / "runs" / f"{run}.json").write_text("{}")
    one.ended(run)
    assert len(list((tmp_path / "runs").glob("*.json"))) == 20


def test_only_names_that_a_deploy_needs_are_handed_on():
    given = {
        "HOME": "/h", "PATH": "/p", "npm_config_registry": "r", "https_proxy": "q",
        "pm_id": "1", "name": "x", "WEBHOOK_SECRET": "s", "LD_PRELOAD": "l", "NODE_OPTIONS": "o",
        "PYTHONPATH": "y", "GIT_DIR": "g", "OPS_INVENTORY": "i", "OPS_DEBUG": "1",
    }  # fmt: skip
    kept = {name: given[name] for name in ("HOME", "PATH", "npm_config_registry", "https_proxy")}
    assert deploy_environment(given, A="b") == kept | {"OPS_INVENTORY": "i", "A": "b"}
