"""Refusals before an install that cannot work with this node or this package manager."""

import json
from dataclasses import replace

import pytest

from mantodeus_ops.deploy.runtime_findings import runtime_findings
from tests.deploy.test_plan import APP, plan_of
from tests.support.host_facts import facts_of, install_of, target_of

NODE = {"version": "v20.20.2", "lts": "Iron", "pm2": "", "others": []}


def found(target, app=APP, **changes):
    """Return what is said about a revision on a host with node 20."""
    plan = plan_of(app)
    needed = replace(plan.dependencies, **changes)
    plan = replace(plan, dependencies=needed, installs=True)
    return runtime_findings(app, facts_of(runtime=NODE), target, plan)


def test_a_node_that_the_revision_does_not_run_in_stops_it():
    package = json.dumps({"engines": {"node": ">=22"}})
    [finding] = found(target_of(package, node_files={".nvmrc": "20"}))
    assert finding.stops
    assert "engines in package.json asks for >=22" in finding.text


def test_a_host_that_does_not_say_its_node_is_no_finding():
    target = target_of(json.dumps({"engines": {"node": ">=22"}}))
    assert runtime_findings(APP, facts_of(), target, plan_of(APP)) == []


@pytest.mark.parametrize(
    ("asked", "manager", "versions", "stops"),
    [
        ("yarn@4.1.0", "yarn", {"yarn": "yarn 1.22.22"}, [True]),
        ("yarn@4.1.0+sha512.ab", "yarn", {"yarn": "@yarnpkg/cli 4.5.0"}, []),
        ("yarn@4.1.0", "yarn", {"yarn": ""}, []),
        ("pnpm@9.1.0", "pnpm", {"pnpm": "pnpm 10.1.0"}, []),
        ("pnpm@9.1.0", "npm", {"npm": "npm 10.8.2"}, [False]),
        ("npm@9", "npm", {"npm": "npm 10.8.2"}, []),
        ("", "npm", {"npm": "npm 10.8.2"}, []),
    ],
)
def test_a_manager_that_is_not_the_one_asked_for(asked, manager, versions, stops):
    package = json.dumps({"packageManager": asked})
    target = target_of(package, install_of(managers=versions))
    said = found(target, manager=manager, program=(manager,))
    assert [one.stops for one in said] == stops


def test_a_manager_that_corepack_calls_is_the_one_asked_for():
    package = json.dumps({"packageManager": "yarn@4.1.0"})
    target = target_of(package, install_of(managers={"yarn": "yarn 1.22.22"}))
    assert found(target, manager="yarn", program=("corepack", "yarn")) == []
