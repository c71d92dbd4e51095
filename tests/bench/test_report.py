import pytest

from bench.limits import LIMITS, limit
from bench.page import page
from bench.report import SHORT, groups
from bench.samples import Deploy, Outage, Probe
from bench.taken import Flood, Side, Taken, Watched


def watched(seconds, healthy):
    outages = {name: [Outage(100, 2, 0.5)] for name in ("page", "health")}
    return Watched([seconds], [healthy], outages)


def side(seconds):
    short = {what: [seconds / 10] for what in (*SHORT, "deploy")}
    return Side(*(watched(seconds, seconds - 1) for _ in range(3)), short)


def taken(**more):
    backups = {"bare": [5.0], "same": [0.5], "whole": [1.5], "dist": [1.0], "touched": [4.0]}
    known = {"ours": side(3), "plain": side(9), "pm2": side(6), "cluster": side(3)}
    known |= {"backups": backups, "steps": [Deploy(3, {})], "changed": [Deploy(9, {"install": 5})]}
    rest = {"boots": [0.5], "restore": watched(9, 8), "extractions": [6.0], "tar": [30.0]}
    floods = {"receiver": Flood([1.5], [60.0], [50.0]), "debian": Flood([1.0], [40.0], [30.0])}
    found = Taken(**(known | rest | floods | more))
    for who, seconds in {"ours": 1, "ssh": 2, "Ansible raw": 5, "pyinfra": 1.6}.items():
        for where in ((50, 0), (1, 50)):
            found.keep("probe", who, where, seconds)
    return found


def rows(found):
    return {row.what: row for group in groups(found) for row in group}


@pytest.mark.parametrize(
    ("seconds", "met"), [({}, True), ({"same": [0.7]}, False), ({"bare": [8.0]}, False)]
)
def test_a_backup_is_held_to_how_many_times_it_is_faster_than_tar(seconds, met):
    found = rows(taken(backups=taken().backups | seconds))
    held = [row.met for row in found.values() if "backup" in row.what and row.bar]
    assert all(held) is met
    assert len(held) == 2


def test_igzip_is_a_row_only_where_it_is():
    with_it = rows(taken(backups=taken().backups | {"igzip": [3.0]}))
    assert with_it["first backup, with igzip"].met is True
    assert "first backup, with igzip" not in rows(taken())


def test_few_files_say_nothing_of_how_much_faster():
    assert not any(row.bar for row in rows(taken(big=False)).values() if "backup" in row.what)


def test_a_rollback_may_take_a_boot_and_what_unpacking_takes_where_it_unpacks():
    found = rows(taken())
    assert found["rollback, until healthy"].bar.limit == pytest.approx(2.5)
    assert found["unpacked, until healthy"].bar.limit == pytest.approx(8.5)
    assert found["unpacked, until healthy"].met is True


def test_what_a_change_took_is_kept_beside_what_was_noticed(monkeypatch):
    class Seen:
        probes = {"health": [Probe(0, 1, ok=True, pid=1), Probe(9e9, 9e9, ok=True, pid=2)]}  # noqa: RUF012

        def __enter__(self):
            return self

        def __exit__(self, *why):
            pass

    monkeypatch.setattr("bench.taken.load", lambda _: Seen())
    change = Watched()
    assert change.change("a machine", lambda: "done") == "done"
    assert len(change.seconds) == len(change.healthy) == 1
    assert change.failed("health") == (0.0,)


@pytest.mark.parametrize(
    ("flood", "met"),
    [
        (Flood([2.0], [100.0], [80.0]), [True, True, True]),
        (Flood([2.1], [101.0], [81.0]), [False, False, False]),
    ],
)
def test_a_receiver_is_held_to_pushes_a_second_to_the_slowest_and_to_memory(flood, met):
    found = rows(taken(receiver=flood))
    assert [row.met for what, row in found.items() if what.startswith("webhook")] == met


def test_a_probe_is_held_to_its_bar_on_fifty_hosts_near_by():
    found = rows(taken())
    assert found["probe, 50 hosts: Ansible raw"].met is True
    assert found["probe, 50 hosts: pyinfra"].met is False
    assert found["probe, 50 hosts: ssh"].bar is None
    assert found["probe, 1 host 50 ms away: pyinfra"].bar is None


def test_only_what_was_measured_is_a_row():
    only = Taken()
    only.keep("probe", "ours", (1, 0), 1.0)
    only.keep("probe", "ssh", (1, 0), 2.0)
    assert list(rows(only)) == ["probe, 1 host: ssh"]


def test_each_row_says_what_limits_it_and_each_saying_has_a_row():
    found = rows(taken(backups=taken().backups | {"igzip": [3.0]})).values()
    said = {limit(row) for row in found}
    assert set(LIMITS.values()) - said == set()


def test_the_page_has_a_whole_line_for_each_row():
    found = groups(taken())
    lines = page({"cores": "2"}, found, []).splitlines()
    cells = [line for line in lines if line.count("|") == 8]
    assert len(cells) == 2 + sum(map(len, found))
    assert "| cores | 2 |" in lines
    assert sum("| met |" in line or "| **missed** |" in line for line in cells) == sum(
        row.met is not None for group in found for row in group
    )
