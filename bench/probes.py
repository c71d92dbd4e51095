"""The same shell text on many hosts, by ours and by others; and `status` of as many."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sandbox.box import PROGRAMS
from sandbox.commands import CHECKOUT

from . import plain
from .crowd_rows import BARRED
from .fleet import names, ways
from .peers import ANSWER, PROBE, WARM, Fleet, ansible, pyinfra, ssh
from .samples import BenchError
from .taken import Taken, Where
from .world import LIMIT_SECONDS, World, timed

COUNTS = (1, 10, 50, 100)
WARM_COUNT = 50
ROUNDS = 3  # of what is held to a bar; the rest takes long enough to be measured once
SLOW = 100  # hosts, which Ansible and `pm2 jlist` take half a minute for: not far away, too
PROBING = CHECKOUT / "bench" / "probing"
PEERS: dict[str, Callable[[Fleet], str]] = {
    "ssh": ssh,
    "pyinfra": pyinfra,
    "Ansible raw": partial(ansible, module="raw"),
    "Ansible shell": partial(ansible, module="shell"),
}


def probes(world: World, taken: Taken) -> None:
    """Measure everybody in turn, on few hosts and many, near by and far away, in one round only."""
    if taken.crowds:
        return
    with ways(world, max(COUNTS)) as both:
        for way in both:
            for count in COUNTS:
                fleet, where = way.fleet(world, count), (count, way.milliseconds)
                for _ in range(ROUNDS if where == BARRED else 1):
                    _probes(world, taken, fleet, where)
                _statuses(world, taken, fleet, where)
        _warm(taken, both[0].fleet(world, WARM_COUNT))


def _probes(world: World, taken: Taken, fleet: Fleet, where: Where) -> None:
    taken.keep("probe", "ours", where, _answered(fleet, partial(ours, world, fleet)))
    for name, probe in PEERS.items():
        if "Ansible" not in name or not _takes_long(where):
            taken.keep("probe", name, where, _answered(fleet, partial(probe, fleet)))


def _takes_long(where: Where) -> bool:
    count, away = where
    return bool(away) and count >= SLOW


def _statuses(world: World, taken: Taken, fleet: Fleet, where: Where) -> None:
    if _takes_long(where):
        return
    argv = ("-H", names(fleet), "status", "--json")
    seconds, done = timed(lambda: world.box.fab(*argv, timeout=LIMIT_SECONDS))
    if done.returncode or len(done.stdout.splitlines()) != len(fleet.ports):
        raise BenchError(f"status: exit {done.returncode}\n{done.stdout}{done.stderr}")
    taken.keep("status", "ours", where, seconds)
    text = plain.probe(world.ours)
    taken.keep("status", "ssh", where, timed(lambda: ssh(fleet, text))[0])


def _warm(taken: Taken, fleet: Fleet) -> None:
    """Measure Ansible once its connections are open, which ours opens anew each time."""
    where, warm = (len(fleet.ports), 0), partial(ansible, fleet, "raw", sharing=WARM)
    warm()
    taken.keep("probe", "Ansible raw, warm", where, _answered(fleet, warm))


def ours(world: World, fleet: Fleet) -> str:
    """Run the probe by the product's door; return what all hosts print."""
    argv: list[str | Path] = [
        PROGRAMS / "fab",
        "-c",
        "probing",
        "-H",
        names(fleet),
        "probe",
        "--json",
    ]
    env = world.box.env() | {"PYTHONPATH": str(CHECKOUT), "BENCH_PROBE": PROBE}
    done = subprocess.run(argv, cwd=PROBING, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"probe: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def _answered(fleet: Fleet, probe: Callable[[], str]) -> float:
    """Return the seconds of a probe; raise BenchError unless each host answered it."""
    seconds, said = timed(probe)
    if said.count(ANSWER) != len(fleet.ports):
        raise BenchError(f"{said.count(ANSWER)} of {len(fleet.ports)} hosts answered\n{said}")
    return seconds
