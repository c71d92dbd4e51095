from dataclasses import replace

from mantodeus_ops.deploy.plan_commands import commands, describe
from mantodeus_ops.git.git_commands import add_worktree
from tests.deploy.test_plan import LEAN, MAIN, after, plan_of
from tests.support.host_facts import APP, NEW, OLD


def test_the_commands_are_those_of_a_deploy_in_order():
    names = ("before_build", "after_build", "before_commit", "after_commit")
    app = replace(APP, hooks={name: (f"echo {name}",) for name in names})
    plan = plan_of()
    found = commands(app, plan, MAIN)
    assert {one.cwd for one in found} == {"/srv/app", "/srv/app/.deploy/staging"}
    assert [one.argv for one in found] == [
        ("tar", "-czf", f"{app.backup_dir}/backup-….tar.gz", *plan.saved),
        add_worktree("/srv/app", NEW).argv,
        plan.dependencies.command.argv,
        ("bash", "-c", "echo before_build"),
        ("npm", "run", "build"),
        ("bash", "-c", "echo after_build"),
        ("bash", "-c", "echo before_commit"),
        ("mv", "dist", ".deploy/previous/RUN/dist"),
        ("mv", ".deploy/staging/dist", "dist"),
        ("mv", "node_modules", ".deploy/previous/RUN/node_modules"),
        ("mv", ".deploy/staging/node_modules", "node_modules"),
        ("git", *plan.checkout),
        ("pm2", "reload", "manager"),
        ("bash", "-c", "echo after_commit"),
    ]


def test_a_deploy_without_backup_or_install_runs_neither():
    plan = plan_of(facts=after(plan_of(), health=None))
    assert [one.argv for one in commands(APP, plan, LEAN)][1:3] == [
        ("cp", "-al", "node_modules", ".deploy/staging/node_modules"),
        ("npm", "run", "build"),
    ]


def test_an_app_without_dependencies_installs_and_takes_over_none():
    plan = plan_of(package_json='{"scripts": {"start": "node x"}}', lockfiles={})
    lines = [one.line() for one in commands(APP, plan, MAIN)]
    assert not [line for line in lines if "npm ci" in line or "cp -al" in line]


def test_a_plan_is_described_with_its_range_and_its_needs():
    plan = plan_of(rewritten=True)
    assert describe(APP, plan, MAIN, 7) == {
        "commits": ["bbbbbbb Add a page"],
        "range": f"{OLD[:10]}..{NEW[:10]}",
        "rewritten": True,
        "installs": True,
        "reason": "no installation is recorded",
        "commands": [one.line() for one in commands(APP, plan, MAIN)],
        "disk_needed_bytes": plan.disk_needed,
        "disk_free_bytes": 7,
    }
    assert describe(APP, plan_of(head=""), MAIN, 7)["range"].startswith("nothing..")
