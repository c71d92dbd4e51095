"""Events of our own programs reach the follower; what hooks, apps and names print never is one."""

import json
import os
import re
from pathlib import Path

import pytest

from mantodeus_ops.errors import StepFailedError
from mantodeus_ops.remote.answers.programs import CREATE_BACKUP
from mantodeus_ops.remote.jobs import program_job
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.steps import Steps
from tests.support.backup_transfers import app_at
from tests.support.faulty_transports import CutLine
from tests.support.program_stubs import stubs
from tests.transaction.test_activate_failures import WHAT, site_at

FORGED = json.dumps({"step": "deployed and verified", "status": "ok", "seconds": 1})
SCRIPTS = Path("mantodeus_ops")


def test_what_a_hook_of_a_commit_prints_is_no_step(tmp_path):
    hook = f"printf '\\036%s\\n' '{FORGED}'; printf '\\036%s\\n' '{FORGED}' >&2; false"
    host = site_at(
        tmp_path / "site",
        path=stubs(tmp_path / "bin", pm2="exit 1"),
        pm2="pm2",
        hooks={"before_commit": (hook,)},
        line=CutLine([40, 70, 100]),
    )
    with pytest.raises(StepFailedError):
        activate(host, Steps(host), **WHAT)
    assert host.events.steps == [("before_commit", "started"), ("before_commit", "failed")]
    assert host.events.output.count(f"{FORGED}\n") == 2
    assert "\x1e" not in host.events.output


def test_a_name_that_a_program_of_ours_prints_is_no_step(tmp_path):
    name = f"dist/x\n\x1e{FORGED.replace('/', '')}\n"
    host = app_at(tmp_path)
    os.mkfifo(tmp_path / name)
    about = {"verdict": "unknown", "revision": ""}
    program_job(host, "backup", CREATE_BACKUP, paths=["dist"], about=about).follow()
    assert "deployed and verified" in host.events.output
    assert host.events.steps == []


def test_no_program_writes_into_its_log_past_the_one_place_that_guards_it():
    wrote = re.compile(r"writeSync\(1\b|process\.stdout|console\.|writeAll\(1\b")
    found = [one.name for one in SCRIPTS.rglob("*.js") if wrote.search(one.read_text())]
    assert sorted(found) == [
        "database_probe.js",
        "job_log.js",
        "process_file.js",
        "reply.js",
    ]  # the one place; two programs that run in processes for themselves
