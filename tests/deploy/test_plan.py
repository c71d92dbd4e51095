from dataclasses import replace

import pytest

from mantodeus_ops.deploy.plan import DeployOptions, make_plan
from mantodeus_ops.errors import PreflightError
from mantodeus_ops.remote.shell import Command
from tests.support.host_facts import APP, GIGABYTE, NEW, OLD, facts_of, target_of

MAIN = DeployOptions(ref="main")
READ = "files that the install reads have changed"


def plan_of(app=APP, wanted=MAIN, facts=None, **target):
    """Return the plan of an ordinary deploy, but for these changes."""
    return make_plan(app, wanted, facts or facts_of(), target_of(**target))


def live_of(plan, **changes):
    """Return what the host remembers after this plan was carried out."""
    return {
        "revision": plan.revision,
        "modules": plan.dependencies.digest,
        "staged": dict(plan.staged),
        "started_by": plan.started_by,
        "swapped": True,
        **changes,
    }


def after(plan, *, git=None, **changes):
    """Return the facts of a host on which this plan was carried out, but for these changes."""
    clean = {"present": True, "head": plan.revision, "branch": "main", "dirty": []}
    return facts_of(git=clean | (git or {}), live=live_of(plan), **changes)


def test_a_first_deploy_installs_builds_and_trades_outputs_and_dependencies():
    plan = plan_of()
    assert (plan.revision, plan.previous, plan.unchanged) == (NEW, OLD, False)
    assert (plan.installs, plan.reason) == (True, "no installation is recorded")
    quiet = {"CI": "true", "npm_config_update_notifier": "false"}
    assert plan.build == Command(
        ("npm", "run", "build"), "/srv/app/.deploy/staging", quiet, timeout_seconds=1800
    )
    assert plan.swaps == ("dist", "node_modules")
    words = f"checkout --quiet --force --no-track -B main {NEW}^0"
    assert plan.checkout == tuple(words.split())


def test_a_deploy_of_which_only_the_revision_was_said_leaves_nothing_out_and_allows_nothing():
    assert DeployOptions("main") == DeployOptions("main", False, False, False, False, False)  # noqa: FBT003


def test_a_person_reads_where_it_goes_and_nothing_twice():
    plan = replace(plan_of(), subject="Say hello")
    assert plan.summary == f"{OLD[:10]} → {NEW[:10]}  Say hello"
    assert replace(plan, previous="").summary == f"nothing → {NEW[:10]}  Say hello"
    assert replace(plan, previous=NEW).summary == f"{NEW[:10]}  Say hello"


def test_the_same_thing_again_is_unchanged():
    assert plan_of(facts=after(plan_of())).unchanged


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("it is unhealthy", {"health": {"healthy": False}}),
        ("its health is unknown", {"health": None}),
        ("an output is gone", {"whole": False}),
        ("somebody edited a file", {"git": {"dirty": ["index.js"]}}),
        ("the work tree is elsewhere", {"git": {"head": OLD}}),
        ("the variables changed", {"env": {"present": True, "mode": "600", "digest": "other"}}),
        ("node is another", {"abi": "131-linux-x64"}),
    ],
)
def test_what_is_live_is_not_left_alone_when(reason, changes):
    assert not plan_of(facts=after(plan_of(), **changes)).unchanged, reason


@pytest.mark.parametrize(
    "app",
    [
        replace(APP, build_command="make"),
        replace(APP, install_command="npm i"),
        replace(APP, build_outputs=("dist", "public")),
        replace(APP, shared_paths=("dist/uploads",)),
        replace(APP, stage_files=(".env.production",)),
        replace(APP, hooks={"after_build": ("make",)}),
    ],
)
def test_a_changed_inventory_is_a_change(app):
    facts = after(plan_of())
    assert not plan_of(app, facts=facts).unchanged
    assert plan_of(app, facts=facts).staged != plan_of().staged


def test_an_install_that_was_asked_for_is_a_change_and_an_install():
    plan = plan_of(wanted=replace(MAIN, force_install=True), facts=after(plan_of()))
    assert (plan.unchanged, plan.installs, plan.reason) == (False, True, "asked for")


@pytest.mark.parametrize(
    ("facts", "target", "installs", "reason"),
    [
        ({}, {}, False, "dependencies are unchanged"),
        ({"installed": None}, {}, True, "no installation is recorded"),
        ({"abi": "131"}, {}, True, READ),
        ({}, {"lockfiles": {"package-lock.json": "x"}}, True, READ),
        ({}, {"package_json": "{}", "lockfiles": {}}, False, "the revision has no dependencies"),
    ],
)
def test_dependencies_are_installed_only_when_they_changed(facts, target, installs, reason):
    app = replace(APP, start_command="node x.js")
    plan = plan_of(app, facts=after(plan_of(), **facts), **target)
    assert plan.installs is installs
    assert plan.reason.startswith(reason)


@pytest.mark.parametrize(
    "app",
    [
        replace(APP, start_command="node x.js"),
        replace(APP, ecosystem="pm2.json"),
        replace(APP, pm2_env="staging"),
        replace(APP, pm2_name="{name}-staging"),
    ],
)
def test_another_start_is_a_change_that_needs_no_other_stage(app):
    facts = after(plan_of())
    assert not plan_of(app, facts=facts).unchanged
    assert plan_of(app, facts=facts).staged == plan_of().staged


def test_what_must_match_for_a_stage_to_be_used_again_is_all_that_it_was_made_from():
    app = replace(APP, install_command="i", build_command="b", start_command="s", ecosystem="e")
    plan = plan_of(app, facts=facts_of(env={"present": False}))
    assert plan.staged == {
        "revision": NEW,
        "modules": plan.dependencies.digest,
        "env": "",
        "commands": ["i", "b"],
        "hooks": [[], []],
        "outputs": [],
        "files": [[], []],
    }
    assert plan_of().staged["env"] == "e" * 64


SIZES = {"node_modules": GIGABYTE, "dist": 30, "public": 10}
LEAN = replace(MAIN, skip_backup=True)


@pytest.mark.parametrize(
    ("why", "again", "wanted", "sizes", "needed"),
    [
        ("tree, build, modules, archive", False, MAIN, SIZES, 1040 + GIGABYTE * 3 // 2 + 20),
        ("no archive", False, LEAN, SIZES, 1040 + GIGABYTE),
        ("modules that are linked", True, LEAN, SIZES, 1040 + GIGABYTE // 20),
        ("nothing was measured", False, MAIN, {}, 1000 + 200_000_000),
        ("no modules yet", False, LEAN, {"dist": 40}, 1040 + 200_000_000),
    ],
)
def test_the_disk_must_hold(why, again, wanted, sizes, needed):
    facts = after(plan_of()) if again else facts_of()
    assert plan_of(facts=facts, wanted=wanted, bytes=sizes).disk_needed == needed, why


def test_a_revision_without_a_build_has_no_outputs():
    facts = facts_of(made=[])
    plan = plan_of(facts=facts, package_json='{"main": "index.js"}', lockfiles={})
    assert (plan.build, plan.outputs, plan.swaps) == (None, (), ())


def test_the_inventory_s_build_command_needs_no_build_script():
    plan = plan_of(
        replace(APP, build_command="make all"), package_json='{"main": "x"}', lockfiles={}
    )
    assert plan.build.argv == ("bash", "-c", "make all")


@pytest.mark.parametrize(
    ("app", "ecosystem", "spec"),
    [
        (APP, "ecosystem.config.cjs", {}),
        (replace(APP, ecosystem="pm2/live.json"), "pm2/live.json", {}),
        (replace(APP, start_command="node x.js"), "", {"script": "x.js", "interpreter": "node"}),
    ],
)
def test_an_ecosystem_file_says_how_to_start_unless_the_inventory_does(app, ecosystem, spec):
    plan = plan_of(app, ecosystems=["ecosystem.config.cjs", "ecosystem.config.js"])
    assert (plan.ecosystem, plan.spec) == (ecosystem, spec)


def test_what_the_inventory_starts_needs_no_ecosystem_file():
    started = plan_of(replace(APP, start_command="node x.js"), ecosystems=[])
    assert (started.ecosystem, plan_of().ecosystem) == ("", "")
    named = replace(APP, ecosystem="pm2.json", start_command="node x.js")
    assert plan_of(named).ecosystem == ""
    assert plan_of(facts=facts_of(pm2={"workers": []})).previous == ""
    assert plan_of().spec["script"] == "dist/index.js"


def test_a_revision_that_cannot_be_started_is_refused():
    with pytest.raises(PreflightError, match="the app has no ecosystem file"):
        plan_of(package_json="{}", lockfiles={})


def test_the_previous_revision_is_what_was_made_live_rather_than_what_is_checked_out():
    assert plan_of(facts=facts_of(live={"revision": "c" * 40})).previous == "c" * 40


def test_a_branch_is_checked_out_by_its_short_name_however_it_was_spelled():
    assert plan_of(wanted=DeployOptions("refs/heads/main")).checkout == plan_of().checkout
