"""The last look of a deploy, in a folder without PM2's daemon: an app there is always ill."""

from __future__ import annotations

import json

import pytest

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.deploy.final_check import final_check
from mantodeus_ops.errors import RollbackFailedError, StepFailedError
from mantodeus_ops.monitor.status_report import is_unhealthy
from mantodeus_ops.transaction.activate import activate
from mantodeus_ops.transaction.recover import recover
from mantodeus_ops.transaction.steps import Steps
from tests.support.program_stubs import stubs
from tests.transaction.test_activate_failures import LIVE, WHAT, site_at

RUN = {"run": "r1", "revision": LIVE["revision"], "keep": False}


def gone_live(host):
    """Make the next version live, as a deploy does that nobody asks about its health."""
    steps = Steps(host)
    activate(host, steps, **WHAT, skip_health=True)
    assert live_files(host) == ("next();\n", LIVE["revision"])
    return steps


def live_files(host):
    """Return what the app's file says, and which revision is written down as live."""
    site = host.app.project_dir
    live = json.loads((site / ".deploy/live.json").read_text())
    return (site / "dist/index.js").read_text(), live["revision"]


@pytest.mark.parametrize(
    ("checks", "is_ill"),
    [
        (None, False),
        ({}, False),
        ({"health endpoint answers": "ok", "answers requests": "fail"}, False),
        ({"no errors in the log": "warning", "deploy completed": "fail"}, False),
        ({"health endpoint answers": "fail"}, True),
    ],
)
def test_only_the_health_of_the_app_itself_takes_a_deploy_back(checks, is_ill):
    assert is_unhealthy(checks) is is_ill


def test_an_ill_app_is_taken_back_to_what_was_live(tmp_path):
    host = site_at(tmp_path / "site", path=stubs(tmp_path / "bin", pm2="exit 0"), pm2="pm2")
    listing = host.app.project_dir / ".deploy/outputs.json"
    listing.write_text(json.dumps({"dist": ["dist/index.js", "dist/noise", "dist/of-before.js"]}))
    before, steps = listing.read_text(), gone_live(host)
    assert json.loads(listing.read_text()) == {"dist": ["dist/index.js"]}
    with pytest.raises(RollbackFailedError) as error:  # as nothing is ever well here
        final_check(host, steps, **RUN)
    assert live_files(host) == ("answer();\n", "a" * 40)
    assert error.value.recorded
    assert json.loads(listing.read_text()) == json.loads(before)
    facts = gather_facts(host, history=2)
    assert facts["open_run"] is None
    assert [one["exit_code"] for one in facts["history"]] == [0, 6]


def test_what_nobody_wants_taken_back_stays(tmp_path):
    host = site_at(tmp_path / "site", path=stubs(tmp_path / "bin", pm2="exit 0"), pm2="pm2")
    checks = final_check(host, gone_live(host), **RUN | {"keep": True})
    assert is_unhealthy(checks)
    assert live_files(host) == ("next();\n", LIVE["revision"])


def test_a_way_back_that_is_cut_off_is_gone_to_its_end_by_the_next_command(tmp_path):
    site, sign = tmp_path / "site", tmp_path / "deadly"
    deadly = f'[[ ! -e {sign} ]] || {{ rm {sign}; kill -9 "$PPID"; }}'
    host = site_at(site, path=stubs(tmp_path / "bin", pm2=deadly), pm2="pm2")
    steps = gone_live(host)
    sign.touch()
    with pytest.raises(StepFailedError, match="could not be rolled back"):
        final_check(host, steps, **RUN)
    facts = gather_facts(host)
    assert facts["open_run"]["run"] == "r1"
    journal = (site / ".deploy/journal.jsonl").read_text().split("\n")
    begun = [one for line in journal if line and (one := json.loads(line))["step"] == "begin"][-1]
    assert begun["reached"] == ["reload"]  # so that PM2 is told anew how the version before starts
    with pytest.raises(RollbackFailedError):
        recover(host, type("Held", (), {"before": None})(), facts)
    assert live_files(host) == ("answer();\n", "a" * 40)
    assert gather_facts(host)["open_run"] is None


def test_a_change_that_somebody_else_made_live_meanwhile_is_not_taken_back(tmp_path):
    host = site_at(tmp_path / "site", path=stubs(tmp_path / "bin", pm2="exit 0"), pm2="pm2")
    steps = gone_live(host)
    (tmp_path / "site/.deploy/live.json").write_text(json.dumps(LIVE | {"revision": "c" * 40}))
    with pytest.raises(StepFailedError, match=r"is live and unhealthy.*no longer known"):
        final_check(host, steps, **RUN)
    assert live_files(host) == ("next();\n", "c" * 40)
