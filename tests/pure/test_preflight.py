from dataclasses import replace

import pytest

from fabfile.pure.plan import Wanted, make_plan
from fabfile.pure.preflight import preflight
from tests.pure.facts import APP, PACKAGE, facts_of, target_of

MAIN = Wanted(ref="main")
ASKED = replace(APP, required_env=("DATABASE_URL", "JWT_SECRET"))


def findings(app=APP, wanted=MAIN, target=None, **facts):
    """Return what speaks against an ordinary deploy, but for these changes."""
    known, aimed = facts_of(**facts), target_of(**(target or {}))
    return preflight(app, known, aimed, make_plan(app, wanted, known, aimed), wanted)


def only(found):
    """Return the one finding there is."""
    assert len(found) == 1, found
    return found[0]


def project(**changes):
    """Return the facts of the project's folder, but for these changes."""
    return {"present": True, "writable": True, "backups_writable": True, **changes}


def env(text="", mode="600"):
    """Return the facts of an env file."""
    return {"present": True, "mode": mode, "digest": "e", "text": text}


def test_nothing_speaks_against_a_deploy_when_all_is_well():
    assert findings() == []


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"project": project(writable=False)}, "/srv/app is not writable for me"),
        ({"project": project(backups_writable=False)}, "backups is not writable for me"),
        (
            {"pm2": {"daemon": False, "workers": [], "error": "spawn ENOENT"}},
            "PM2 cannot be asked: spawn ENOENT",
        ),
        ({"disk": {"free": 10**8, "inodes_free": 10**7}}, "100 MB are free, the deploy wants"),
        ({"env": env("PORT=1\n")}, ".env lacks DATABASE_URL, JWT_SECRET"),
        ({"env": env("DATABASE_URL=x\nJWT_SECRET=\n")}, ".env lacks JWT_SECRET"),
        ({"env": {"present": False}}, ".env is missing; the app needs DATABASE_URL, JWT_SECRET"),
    ],
)
def test_a_deploy_does_not_begin_when(facts, text):
    facts = {"env": env("DATABASE_URL=x\nJWT_SECRET=y\n"), **facts}
    finding = only(findings(ASKED, **facts))
    assert finding.text.startswith(text)
    assert finding.stops
    assert finding.hint


@pytest.mark.parametrize("tool", ["git", "tar", "npm", "timeout"])
def test_a_tool_that_the_host_lacks_is_named(tool):
    tools = facts_of()["tools"] | {tool: False}
    assert only(findings(tools=tools)).text == f"{tool} is not on the host's PATH"


def test_edited_files_stop_a_deploy_and_some_are_named():
    git = facts_of()["git"] | {"dirty": [f"f{at}" for at in range(9)]}
    finding = only(findings(git=git, target={"in_the_way": ["g", "h", "i"]}))
    assert finding.text.endswith(": f0, f1, f2, f3, f4, f5, f6, f7, f8, g and 2 more")
    assert (finding.stops, "--allow-dirty" in finding.hint) == (True, True)


def test_edited_files_that_may_be_replaced_are_only_told_of():
    git = facts_of()["git"] | {"dirty": ["index.js"]}
    finding = only(findings(wanted=replace(MAIN, allow_dirty=True), git=git))
    assert "index.js; they are saved as a patch first" in finding.text
    assert not finding.stops


@pytest.mark.parametrize(
    ("facts", "target", "text"),
    [
        ({"env": env(mode="644")}, {}, "others can read .env (mode 644)"),
        ({}, {"env_tracked": True}, ".env is tracked by git"),
        ({"found": "login"}, {}, "node is not on the PATH of a command over SSH"),
        ({"disk": {"free": 10**12, "inodes_free": 99}}, {}, "only 99 inodes are free"),
        (
            {},
            {"package_json": '{"main": "x"}', "lockfiles": {}},
            "the revision has no build script",
        ),
    ],
)
def test_a_warning_does_not_stop_a_deploy(facts, target, text):
    finding = only(findings(target=target, **facts))
    assert finding.text.startswith(text)
    assert not finding.stops


def test_the_env_file_of_a_first_deploy_is_asked_for_by_its_example():
    finding = only(findings(env={"present": False}, target={"env_example": "A=1\n#x\nB=\n"}))
    assert finding.text == ".env is missing; the app needs A, B"


def test_an_app_that_needs_no_env_file_needs_none():
    assert findings(env={"present": False}) == []


def test_a_file_system_without_inodes_to_count_is_no_finding():
    assert findings(disk={"free": 10**12, "inodes_free": 0}) == []


def test_an_ecosystem_file_that_the_revision_lacks_stops_a_deploy():
    app = replace(APP, ecosystem="pm2.json")
    finding = only(findings(app, target={"named_ecosystem": False}))
    assert "has no file pm2.json" in finding.text
    assert finding.stops


def test_pm2_is_needed_on_the_host_or_in_the_revision():
    nowhere = {"daemon": False, "workers": [], "available": False}
    assert only(findings(pm2=nowhere)).text.startswith("PM2 is neither on PATH")
    package = PACKAGE.replace('"x": "1"', '"pm2": "^6"')
    assert findings(pm2=nowhere, target={"package_json": package}) == []


def test_the_reasons_to_stop_come_first():
    found = findings(
        found="login", env=env(mode="644"), pm2={"daemon": False, "workers": [], "error": "gone"}
    )
    assert [finding.stops for finding in found] == [True, False, False]


def test_no_value_of_the_env_file_is_ever_in_a_finding():
    found = findings(ASKED, env=env("JWT_SECRET=canary-c0ffee\n", mode="666"))
    assert found
    assert "canary" not in repr(found)
