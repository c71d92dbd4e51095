"""A second way into our machine, on which no compressor is found but Node's own and gzip."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.openssh import Sshd

from .world import World

BARE = "bare"
FAST_COMPRESSORS = frozenset({"igzip", "pigz"})


@contextmanager
def bare(world: World) -> Iterator[None]:
    """Let the inventory's host `bare` be our machine with a poorer PATH while this lasts."""
    machine = world.ours
    folder = machine.folder / BARE
    folder.mkdir(exist_ok=True)
    env = machine.env() | {"PATH": str(poor_path(machine.env()["PATH"], folder / "bin"))}
    sshd = Sshd(folder, machine.sshd.authorized_keys, env)
    sshd.start()
    try:
        with world.box.known_hosts.open("a") as known:
            known.write(sshd.known_hosts_line())
        world.box.add_host(BARE, **world.box.hosts["manager"] | {"port": sshd.port})
        yield
    finally:
        sshd.stop()


def poor_path(search_path: str, folder: Path) -> Path:
    """Return a folder of links to every program on the path, the first of a name, save the fast."""
    if folder.exists():
        return folder
    folder.mkdir()
    for place in filter(Path.is_dir, map(Path, search_path.split(":"))):
        for program in place.iterdir():
            link = folder / program.name
            if program.name not in FAST_COMPRESSORS and not link.is_symlink():
                link.symlink_to(program)
    return folder
