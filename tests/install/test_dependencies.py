import json

import pytest

from mantodeus_ops.errors import PreflightError
from mantodeus_ops.install.dependencies import (
    Dependencies,
    dependencies,
)
from mantodeus_ops.remote.shell import Command
from tests.support.host_facts import PACKAGE, install_of, target_of

MANAGERS = ("npm", "pnpm", "yarn", "bun")
QUIET = {
    "CI": "true",
    "npm_config_update_notifier": "false",
    "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
}
BERRY = {**QUIET, "YARN_ENABLE_TELEMETRY": "0"}
PNP = {**BERRY, "YARN_ENABLE_GLOBAL_CACHE": "false"}
ALL = dict.fromkeys(("npm", "pnpm", "yarn", "bun", "corepack"), True)


def needed(*, abi="127", configured="", tools=ALL, env="", **changes):
    """Return what a revision like any other needs, but for these changes."""
    return dependencies(
        target_of(**changes),
        abi=abi,
        configured=configured,
        tools=tools,
        cwd="/srv/staging",
        env=env,
    )


@pytest.mark.parametrize(
    ("lockfiles", "tools", "argv"),
    [
        (["package-lock.json"], {}, "npm ci --include=dev --no-audit --no-fund"),
        (["npm-shrinkwrap.json"], {}, "npm ci --include=dev --no-audit --no-fund"),
        (
            ["package-lock.json", "yarn.lock"],
            ALL,
            "npm ci --include=dev --no-audit --no-fund",
        ),
        (["pnpm-lock.yaml"], ALL, "pnpm install --frozen-lockfile --prod=false"),
        (["yarn.lock"], ALL, "yarn install --frozen-lockfile --production=false"),
        (["bun.lock"], ALL, "bun install --frozen-lockfile"),
        (["bun.lockb"], ALL, "bun install --frozen-lockfile"),
        (
            ["pnpm-lock.yaml"],
            {"corepack": True},
            "corepack pnpm install --frozen-lockfile --prod=false",
        ),
    ],
)
def test_the_lockfile_says_which_manager_installs(lockfiles, tools, argv):
    found = needed(lockfiles=dict.fromkeys(lockfiles, "l"), tools=tools)
    assert found.command == Command(tuple(argv.split()), "/srv/staging", QUIET, 1800)
    assert found.manager == next(name for name in MANAGERS if name in argv.split())


@pytest.mark.parametrize(
    ("pnp", "program", "tools", "env", "argv"),
    [
        (False, "", ALL, BERRY, "yarn install --immutable"),
        (True, "", ALL, PNP, "yarn install --immutable"),
        (True, ".yarn/y.cjs", {}, PNP, "node .yarn/y.cjs install --immutable"),
        (False, "", {"corepack": True}, BERRY, "corepack yarn install --immutable"),
    ],
)
def test_yarn_of_today_installs_into_the_tree(pnp, program, tools, env, argv):
    install = install_of(yarn={"berry": True, "pnp": pnp, "program": program})
    found = needed(lockfiles={"yarn.lock": "l"}, install=install, tools=tools)
    assert found.command == Command(tuple(argv.split()), "/srv/staging", env, 1800)
    assert found.pnp is pnp


@pytest.mark.parametrize(
    ("program", "place", "root", "called"),
    [
        (("yarn",), "", "apps/web", ("yarn",)),
        (("corepack", "yarn"), "", "", ("corepack", "yarn")),
        (("node", ".yarn/y.cjs"), "", "", ("node", ".yarn/y.cjs")),
        (("node", ".yarn/y.cjs"), "", "apps/web", ("node", "../../.yarn/y.cjs")),
        (("node", ".yarn/y.cjs"), "apps", "apps/web", ("node", "../.yarn/y.cjs")),
        ((), "", "", ("yarn",)),
    ],
)
def test_a_manager_is_called_from_the_folder_of_the_app(program, place, root, called):
    assert Dependencies("yarn", None, "", place, program).program_in(root) == called


@pytest.mark.parametrize(
    ("place", "root", "resolver"),
    [("", "", "./.pnp.cjs"), ("", "a/b", "./../../.pnp.cjs"), ("a", "a", "./.pnp.cjs")],
)
def test_the_resolver_lies_beside_the_lockfile(place, root, resolver):
    assert Dependencies("yarn", None, "", place).resolver_in(root) == resolver


def test_of_several_lockfiles_package_json_names_the_one():
    both = {"package-lock.json": "l", "pnpm-lock.yaml": "l"}
    named = package(packageManager="pnpm@10.1.0")
    assert needed(lockfiles=both, package_json=named).manager == "pnpm"
    assert needed(lockfiles=both).manager == "npm"


def test_an_install_runs_where_the_lockfile_lies():
    found = needed(install=install_of(place="apps/web"))
    assert found.command.cwd == "/srv/staging/apps/web"
    assert found.digest != needed().digest


def test_the_inventory_s_own_command_wins():
    found = needed(configured="npm install --legacy-peer-deps", lockfiles={})
    argv = ("bash", "-c", "npm install --legacy-peer-deps")
    assert found.command == Command(argv, "/srv/staging", QUIET, 1800)
    assert found.manager == "npm"


def test_a_revision_without_dependencies_needs_no_install_and_no_lockfile():
    found = needed(package_json='{"dependencies": {}}', lockfiles={})
    assert found == Dependencies("", None, "")
    assert needed(package_json="", lockfiles={}) == found


@pytest.mark.parametrize("kind", ["dependencies", "devDependencies", "optionalDependencies"])
def test_dependencies_that_nothing_pins_are_refused(kind):
    with pytest.raises(PreflightError) as caught:
        needed(package_json=json.dumps({kind: {"x": "1"}}), lockfiles={})
    assert caught.value.message == "package.json has dependencies, but no lockfile pins them"
    command = "npm install --package-lock-only && git add package-lock.json"
    assert caught.value.hint == command


def test_bun_is_no_program_of_corepack():
    with pytest.raises(PreflightError, match="needs bun") as caught:
        needed(lockfiles={"bun.lock": "l"}, tools={"corepack": True})
    assert caught.value.hint == "npm install -g bun"


def test_a_manager_that_the_host_lacks_is_named():
    told = "the revision needs pnpm, but the host has neither pnpm nor corepack"
    with pytest.raises(PreflightError, match=told) as caught:
        needed(lockfiles={"pnpm-lock.yaml": "l"}, tools={"npm": True})
    assert caught.value.hint == "npm install -g pnpm"


def package(**changes):
    """Return the package.json of an ordinary revision, but for these changes."""
    return json.dumps(json.loads(PACKAGE) | changes)


CHANGED = {
    "the lockfile": {"lockfiles": {"package-lock.json": "other"}},
    "node": {"abi": "131"},
    "the command": {"configured": "npm ci"},
    "overrides": {"package_json": package(overrides={"y": "2"})},
    "engines": {"package_json": package(engines={"node": ">=22"})},
    "a dependency": {"package_json": package(dependencies={"x": "1", "y": "2"})},
    "a file that managers read": {"install": install_of(read="other")},
    "the manager": {"install": install_of(managers={"npm": "npm 11.0.0"})},
}


@pytest.mark.parametrize("changes", CHANGED.values(), ids=CHANGED)
def test_an_install_is_another_when_anything_changed_that_it_reads(changes):
    assert needed(**changes).digest != needed().digest


def test_another_manager_is_another_install():
    locks = ("package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock")
    assert len({needed(lockfiles={name: "l"}).digest for name in locks}) == len(locks)


@pytest.mark.parametrize(
    ("facts", "changes", "matters"),
    [
        ({}, {"settings": "other"}, False),
        ({}, {"whole": "other"}, False),
        ({"dependency_scripts": True}, {"settings": "other"}, True),
        ({"dependency_scripts": True}, {"whole": "other"}, False),
        ({"own_scripts": True}, {"whole": "other"}, True),
    ],
)
def test_an_install_script_reads_more_than_the_managers_do(facts, changes, matters):
    before, after = (install_of(**{**facts, **one}) for one in ({}, changes))
    assert (needed(install=before).digest != needed(install=after).digest) is matters


@pytest.mark.parametrize(
    "changes",
    [{"configured": "make deps"}, {"install": install_of(own_scripts=True)}],
)
def test_a_program_of_the_app_may_read_its_variables(changes):
    assert needed(**changes, env="1").digest != needed(**changes, env="2").digest
    assert needed(env="1").digest == needed(env="2").digest


def test_what_does_not_change_the_install_does_not_change_its_digest():
    scripts = json.loads(PACKAGE)["scripts"] | {"build": "tsc"}
    renamed = package(name="other", version="9.9.9", scripts=scripts)
    assert needed(package_json=renamed).digest == needed().digest


def wanted(name, spec, locked):
    """Return a dependency of package.json, and what is locked of it."""
    return {"member": "", "name": name, "spec": spec, "locked": locked, "specifier": ""}


def test_a_dependency_that_the_lockfile_lacks_is_refused_before_the_install():
    missing = install_of(direct=[wanted("y", "^2", "")])
    with pytest.raises(PreflightError, match=r"asks for y \^2, which the lockfile does") as caught:
        needed(install=missing)
    assert caught.value.hint.startswith("npm install && git add package-lock.json")
    assert needed(install=missing, configured="npm install").command
    below = {**missing, "place": "apps/web"}
    with pytest.raises(PreflightError) as caught:
        needed(install=below, lockfiles={"bun.lock": "l"})
    assert caught.value.hint.startswith("cd apps/web && bun install && git add bun.lock")


def test_versions_that_are_overridden_are_left_to_the_manager():
    other = install_of(direct=[wanted("x", "^2", "1.0.0")])
    with pytest.raises(PreflightError, match=r"the lockfile has 1\.0\.0"):
        needed(install=other)
    assert needed(install=other, package_json=package(overrides={"x": "1.0.0"})).command
