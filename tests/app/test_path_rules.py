from dataclasses import replace

import pytest

from mantodeus_ops.app.path_rules import (
    check_file_systems,
    paths_in_backup,
    paths_to_check,
    place_findings,
)
from mantodeus_ops.deploy.plan import DeployOptions, make_plan
from mantodeus_ops.deploy.preflight import preflight
from mantodeus_ops.rollback.candidates import RollbackTarget
from mantodeus_ops.rollback.checks import blocking_problems
from tests.support.host_facts import APP, facts_of, target_of

FOUND = {"bytes": 0, "entries": 0, "inodes": 1, "free": 1, "archive": ""}


def place(name, link="", *, broken=False, elsewhere=False):
    """Return what a host says of a place that is odd."""
    return {"name": name, "link": link, "broken": broken, "elsewhere": elsewhere}


def test_what_is_packed_or_moved_is_looked_at_once():
    app = replace(APP, build_outputs=("dist",), backup_paths=(".env", "dist"))
    assert set(paths_in_backup(app)) <= set(paths_to_check(app))
    assert {".deploy", "node_modules", ".env", "dist"} <= set(paths_to_check(app))
    assert len(paths_to_check(app)) == len(set(paths_to_check(app)))
    assert paths_in_backup(APP) == [], "what makes the live version is known on the host"


@pytest.mark.parametrize("name", ["dist", ".env", "node_modules", "package-lock.json"])
@pytest.mark.parametrize(("broken", "mends"), [(False, "mv {0}.new {0}"), (True, "rm {0}")])
def test_a_link_that_no_backup_can_hold_stops_a_deploy_with_what_mends_it(name, broken, mends):
    facts = facts_of(places=[place(name, "../x", broken=broken)])
    plan = make_plan(APP, DeployOptions("main"), facts, target_of())
    (found,) = [
        one for one in preflight(APP, facts, target_of(), plan, DeployOptions("main")) if one.stops
    ]
    assert f"{name} is a link to ../x" in found.text
    assert found.hint.endswith(mends.format(name))


@pytest.mark.parametrize(
    ("name", "saves", "swaps", "count"),
    [
        ("dist", False, ("dist",), 1),
        ("dist", False, (), 0),
        ("dist", True, (), 1),
        (".env", False, ("dist",), 0),
        ("other", True, ("dist",), 0),
        (".deploy", True, ("dist",), 0),
    ],
)
def test_a_link_matters_where_it_is_packed_or_replaced(name, saves, swaps, count):
    facts = facts_of(places=[place(name, "x")])
    assert len(place_findings(APP, facts, saves=saves, swaps=swaps)) == count


@pytest.mark.parametrize(
    ("name", "swaps", "count"),
    [
        ("dist", ("dist",), 1),
        ("dist", (".env",), 0),
        (".deploy", (".env",), 1),
        (".deploy", (), 0),
    ],
)
def test_what_lies_on_another_file_system_cannot_trade_places(name, swaps, count):
    facts = facts_of(places=[place(name, elsewhere=True)])
    found = check_file_systems(facts, swaps)
    assert [(one.hint, one.stops) for one in found] == [(f"df . {name}", True)] * count
    target = RollbackTarget("b", paths=swaps)
    assert len(blocking_problems(target, FOUND, facts | {"pm2": {}})) == count


def test_a_host_that_says_nothing_of_its_places_has_none_that_are_odd():
    assert place_findings(APP, facts_of(), saves=True, swaps=("dist",)) == []
