from dataclasses import replace

import pytest

from mantodeus_ops.deploy.plan import DeployOptions, make_plan
from mantodeus_ops.deploy.preflight import preflight
from mantodeus_ops.findings import Finding
from tests.support.host_facts import APP, GIGABYTE, PACKAGE, facts_of, target_of

MAIN = DeployOptions(ref="main")
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


@pytest.mark.parametrize("name", ["before_build", "after_build", "before_commit", "the build"])
def test_a_program_in_the_stage_that_calls_pm2_is_warned_of(name):
    package = PACKAGE.replace("vite build", "vite build && pm2 reload x")
    if name == "the build":
        found = only(findings(target={"package_json": package}))
    else:
        found = only(findings(replace(APP, hooks={name: ("true", "npx pm2 reload x")})))
    assert found.text.startswith(f"{name} calls PM2 (pm2 reload x)")
    assert not found.stops
    after = replace(APP, hooks={"after_commit": ("pm2 reload x",), "on_failure": ("pm2 ls",)})
    assert findings(after) == []


@pytest.mark.parametrize(
    ("facts", "text", "hint"),
    [
        (
            {"project": project(writable=False)},
            "/srv/app is not writable for me",
            "ls -ld /srv/app",
        ),
        (
            {"project": project(backups_writable=False)},
            "backups is not writable for me",
            "ls -ld backups",
        ),
        (
            {"pm2": {"daemon": False, "workers": [], "error": "spawn ENOENT"}},
            "PM2 does not answer: spawn ENOENT",
            "pm2 ping",
        ),
        (
            {"disk": {"free": 10**8, "inodes_free": 10**7}},
            "100 MB are free, but the deploy needs 1.0 GB",
            "monitor.clean  # shows how much can be freed",
        ),
        (
            {"disk": {"free": 10**12, "inodes_free": 0}},
            "the disk has no free inode left: no file can be created",
            "df -i .",
        ),
        (
            {"env": env("PORT=1\n")},
            ".env lacks DATABASE_URL, JWT_SECRET",
            "env.set DATABASE_URL",
        ),
        (
            {"env": env("DATABASE_URL=x\nJWT_SECRET=\n")},
            ".env lacks JWT_SECRET",
            "env.set JWT_SECRET",
        ),
        ({"env": env(None)}, ".env lacks DATABASE_URL, JWT_SECRET", "env.set DATABASE_URL"),
        (
            {"env": {"present": False}},
            ".env is missing; the app needs DATABASE_URL, JWT_SECRET",
            "deploy.setup",
        ),
    ],
)
def test_a_deploy_does_not_begin_when(facts, text, hint):
    facts = {"env": env("DATABASE_URL=x\nJWT_SECRET=y\n"), **facts}
    assert findings(ASKED, **facts) == [Finding(text, hint, stops=True)]


@pytest.mark.parametrize("tool", ["git", "tar", "npm", "timeout"])
def test_a_tool_that_the_host_lacks_is_named(tool):
    tools = facts_of()["tools"] | {tool: False}
    text = f"{tool} is not on the host's PATH"
    assert findings(tools=tools) == [Finding(text, "set path in the inventory")]


def test_a_tool_of_which_the_host_says_nothing_is_lacking():
    tools = dict.fromkeys(("git", "tar", "npm"), True)
    assert only(findings(tools=tools)).text == "timeout is not on the host's PATH"


@pytest.mark.parametrize(("in_the_way", "more"), [(["g", "h", "i"], " and 2 more"), (["g"], "")])
def test_edited_files_stop_a_deploy_and_ten_are_named(in_the_way, more):
    git = facts_of()["git"] | {"dirty": [f"f{at}" for at in range(9)]}
    names = f"f0, f1, f2, f3, f4, f5, f6, f7, f8, g{more}"
    assert findings(git=git, target={"in_the_way": in_the_way}) == [
        Finding(
            f"files on the host differ from the deployed version: {names}",
            "deploy --allow-dirty  # saves them as a patch, then replaces them",
        )
    ]


def test_a_file_that_a_rollback_put_in_place_stops_no_deploy():
    git = facts_of()["git"] | {"dirty": ["package-lock.json"]}
    live = {"revision": "a" * 40, "restored": ["dist", "package-lock.json"]}
    (found,) = findings(git=git, live=live)
    assert (found.stops, "package-lock.json" in found.text) == (False, True)
    git = git | {"dirty": ["package-lock.json", "index.js"]}
    assert [one.stops for one in findings(git=git, live=live)] == [True, False]


def test_edited_files_that_may_be_replaced_are_only_told_of():
    git = facts_of()["git"] | {"dirty": ["index.js"]}
    text = "files on the host differ from the deployed version: index.js"
    assert findings(wanted=replace(MAIN, allow_dirty=True), git=git) == [
        Finding(f"{text}; they are saved as a patch first", "", stops=False)
    ]
    assert findings(git={}) == []


@pytest.mark.parametrize(
    ("facts", "target", "text", "hint"),
    [
        ({"env": env(mode="644")}, {}, "others can read .env (mode 644)", "chmod 600 .env"),
        (
            {},
            {"env_tracked": True},
            ".env is tracked by git: its secrets are in the repository",
            "git rm --cached .env",
        ),
        (
            {"found": "login"},
            {},
            "node is not on PATH for commands over SSH; it was found by searching",
            "set path in the inventory",
        ),
        (
            {"disk": {"free": 10**12, "inodes_free": 99_999}},
            {},
            "only 99,999 inodes are left",
            "df -i .",
        ),
        (
            {"disk": {"free": 10**12, "inodes_free": 1}},
            {},
            "only 1 inode is left",
            "df -i .",
        ),
    ],
)
def test_a_warning_does_not_stop_a_deploy(facts, target, text, hint):
    assert findings(target=target, **facts) == [Finding(text, hint, stops=False)]


def test_an_output_that_no_build_script_makes_is_a_warning():
    app = replace(APP, build_outputs=("dist",))
    target = target_of(package_json='{"main": "x"}', lockfiles={})
    plan = make_plan(app, MAIN, facts_of(), target)
    (found,) = preflight(app, facts_of(), target, plan, MAIN)
    assert (found.hint, found.stops) == ("npm pkg get scripts", False)


@pytest.mark.parametrize(
    "facts",
    [
        {"found": ""},
        {"disk": {"free": GIGABYTE, "inodes_free": 100_000}},
        {"disk": {"free": GIGABYTE, "inodes_free": -1}},
        {"env": {"present": False}},
        {"pm2": {"daemon": True, "workers": []}},
    ],
)
def test_what_is_just_enough_is_no_finding(facts):
    assert findings(**facts) == []


def test_the_env_file_of_a_first_deploy_is_asked_for_by_its_example():
    finding = only(findings(env={"present": False}, target={"env_example": "A=1\n#x\nB=\n"}))
    assert finding.text == ".env is missing; the app needs A, B"


def test_an_ecosystem_file_that_the_revision_lacks_stops_a_deploy():
    app = replace(APP, ecosystem="pm2.json")
    text = "the revision has no file pm2.json, named by ecosystem in the inventory"
    assert findings(app, target={"named_ecosystem": False}) == [
        Finding(text, "git ls-files '*ecosystem*'")
    ]


def test_pm2_is_needed_on_the_host_or_in_the_revision():
    nowhere = {"daemon": False, "workers": [], "available": False}
    text = "PM2 is not on PATH, in node_modules or available to npx"
    hint = "npm install -g pm2  # or set pm2 in the inventory"
    assert findings(pm2=nowhere) == [Finding(text, hint)]
    package = PACKAGE.replace('"x": "1"', '"pm2": "^6"')
    assert findings(pm2=nowhere, target={"package_json": package}) == []


def test_an_app_of_this_name_in_another_folder_stops_a_deploy():
    elsewhere = {"name": "manager", "cwd": "/srv/other"}
    (found,) = findings(pm2={"daemon": True, "workers": [], "elsewhere": elsewhere})
    assert found.text == "PM2's app manager runs in /srv/other, not in /srv/app"
    assert found.stops
    assert "pm2_name" in found.hint


def test_the_reasons_to_stop_come_first():
    found = findings(
        found="login", env=env(mode="644"), pm2={"daemon": False, "workers": [], "error": "gone"}
    )
    assert [finding.stops for finding in found] == [True, False, False]


def test_no_value_of_the_env_file_is_ever_in_a_finding():
    found = findings(ASKED, env=env("JWT_SECRET=canary-c0ffee\n", mode="666"))
    assert found
    assert "canary" not in repr(found)
