"""Apps that are ill in some fifty ways over the real PM2: none of them is ever called healthy."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from sandbox.machine import fetch
from tests.e2e.park import PATIENCE, Park
from tests.e2e.zoo import (
    BODIES,
    DEATHS,
    ILL,
    LIVES,
    SERVE,
    STATUSES,
    TAKEN,
    WELL,
    WIRES,
    WORKERS,
    Animal,
)

pytestmark = pytest.mark.xdist_group("zoo")

ENDS = {"errored", "stopped"}
LONGEST_WAIT = 60  # seconds until each has died, on a machine that is busy with other things
QUIET = STATUSES | BODIES | WIRES | WORKERS | TAKEN
QUICK = {name: animal for name, animal in DEATHS.items() if not animal.slow}


@pytest.fixture(scope="module")
def park() -> Iterator[Park]:
    with Park() as made:
        yield made


def test_the_zoo_is_large():
    assert len(ILL) >= 40


@pytest.mark.parametrize("animals", [QUIET, QUICK], ids=["quiet", "dying"])
def test_no_ill_app_is_healthy_and_each_says_why(park: Park, animals: dict[str, Animal]):
    started = park.keep(animals)
    while animals is QUICK and not all_died(park, animals):
        assert time.time() < started + LONGEST_WAIT, park.said()
        time.sleep(0.5)
    seen = park.ask("health", animals)
    assert {name for name, row in seen.items() if row["exit_code"] != 7} == set()
    assert {name for name, row in seen.items() if row["health"] != "unhealthy"} == set()
    reasons = {name: row["error"] for name, row in seen.items()}
    assert {
        name: reasons[name] for name, animal in animals.items() if animal.says not in reasons[name]
    } == {}
    if animals is QUICK:
        assert {name for name, row in park.ask("status", animals).items() if row["ok"]} == set()
    park.release(animals)


def test_no_app_that_is_well_is_unhealthy(park: Park):
    park.keep(WELL)
    seen = park.ask("health", WELL)
    ill = {name: row.get("error") for name, row in seen.items() if not row["ok"]}
    assert ill == {}, park.said()
    statuses = park.ask("status", WELL)
    assert {name: row.get("error") for name, row in statuses.items() if not row["ok"]} == {}


@pytest.mark.soak
def test_what_dies_late_is_caught_with_the_policy_of_the_document():
    with Park(wait=3, retries=5, delay=3) as park:
        started = park.keep(DEATHS)
        for moment in (20, 40, 60):
            time.sleep(max(0.0, started + moment - time.time()))
            seen = park.ask("health", DEATHS)
            assert {name for name, row in seen.items() if row["ok"]} == set(), moment
            assert {name for name, row in park.ask("status", DEATHS).items() if row["ok"]} == set()
    assert len(LIVES) == 7


@pytest.mark.soak
def test_two_hundred_good_starts_one_of_them_slow_are_all_healthy():
    slow = Animal(SERVE + "after(14, () => serve(ok));")
    with Park(wait=3, retries=5, delay=3) as park:
        park.keep(WELL)
        for turn in range(19):
            park.box.manager.pm2("restart", *WELL)
            seen = park.ask("health", WELL)
            assert {name: row for name, row in seen.items() if not row["ok"]} == {}, turn
        park.keep({f"slow-{turn}": slow for turn in range(10)})
        seen = park.ask("health", [f"slow-{turn}" for turn in range(10)])
        assert {name: row for name, row in seen.items() if not row["ok"]} == {}


def test_a_process_of_another_account_on_the_port_is_not_the_app(park: Park):
    port = next(filter(answers, foreign_ports()), 0)
    if not port:
        pytest.skip("no other account has a page on a port of this machine")
    animal = Animal(SERVE + f"serve(ok, {port}).on('error', () => setInterval(() => {{}}, 999));")
    park.keep({"foreign": animal})
    park.box.hosts["foreign"]["health_url"] = f"http://127.0.0.1:{port}/"
    park.box.hosts["foreign"]["health"] = {**PATIENCE, "body": ""}
    park.box.write_inventory()
    row = park.ask("health", ["foreign", "foreign"])["foreign"]
    assert row["exit_code"] == 7
    assert "of the account with uid" in row["error"]


def all_died(park: Park, animals: dict[str, Animal]) -> bool:
    """Return whether each of them has died, and for good where it is to stay dead."""
    seen = {app["name"]: app["pm2_env"] for app in park.box.manager.apps()}
    return all(
        seen[name]["status"] == animal.says
        if animal.says in ENDS
        else seen[name]["restart_time"] > 0
        for name, animal in animals.items()
    )


def foreign_ports() -> Iterator[int]:
    """Yield the loopback ports on which a process of another account listens."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        field = line.split()
        if field[3] == "0A" and field[1].startswith("0100007F") and int(field[7]) != os.getuid():
            yield int(field[1].partition(":")[2], 16)


def answers(port: int) -> bool:
    """Return whether a plain 200 comes from this port, which may speak anything."""
    try:
        return fetch(f"http://127.0.0.1:{port}/", timeout=1)[0] == 200
    except HTTPException:
        return False
