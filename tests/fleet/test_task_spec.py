"""What each task says of itself to the fleet is true of it."""

import inspect

import pytest

from fabfile import ns
from mantodeus_ops.fleet.task_spec import RevertPlan, TaskSpec

TASKS = {name: ns[name] for name in sorted(ns.task_names)}


@pytest.mark.parametrize("name", TASKS)
def test_a_task_has_a_name_a_spec_and_a_body_that_takes_a_host(name):
    task = TASKS[name]
    assert task.name
    assert isinstance(task.kind, TaskSpec)
    assert next(iter(inspect.signature(task.body).parameters)) == "host"


@pytest.mark.parametrize("name", TASKS)
def test_options_that_a_spec_names_are_options_of_its_task(name):
    kind, options = TASKS[name].kind, set(inspect.signature(TASKS[name].body).parameters)
    unless = kind.reverts.unless if kind.reverts else ""
    assert {kind.may_miss, kind.asks, unless} - {""} <= options


def test_only_a_change_is_reverted_and_a_deploy_is_one():
    reverted = {name for name, task in TASKS.items() if task.kind.reverts}
    assert "deploy.deploy" in reverted
    assert all(TASKS[name].kind.changes for name in reverted)


def test_a_spec_of_a_task_that_only_reads_asks_for_nothing():
    kind = TaskSpec(changes=False, view="generic")
    assert (kind.may_miss, kind.across, kind.asks, kind.reverts) == ("", None, "", None)
    assert RevertPlan(lambda *_: None).unless == ""
