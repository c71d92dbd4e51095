"""Lines that are cut or go silent: a relay on loopback between the client and the sshd."""

from __future__ import annotations

import random
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tests.faults.faults import Strike, Struck
from tests.faults.operations import Task
from tests.faults.place import Place

Client = subprocess.Popen[str]
CHUNK = 65536
JOIN_SECONDS = 90
SILENT_SECONDS = 20  # longer than it takes a client to find a line dead
LINGER_NONE = b"\x01\x00\x00\x00\x00\x00\x00\x00"


class Relay:
    """Hands bytes on between a port of its own and another; cuts or swallows when told to."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._over = threading.Event()
        self._silent = threading.Event()
        self.joined = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._pairs.append((near, far))
                self.joined.set()
                threading.Thread(target=self._hand_on, args=(near, far), daemon=True).start()

    def _hand_on(self, near: socket.socket, far: socket.socket) -> None:
        others = {near: far, far: near}
        with suppress(OSError, ValueError):
            while not self._over.is_set():
                for one in select.select([near, far], [], [], 0.5)[0]:
                    chunk = one.recv(CHUNK)
                    if self._silent.is_set():
                        continue  # what is sent is lost, and nobody is told
                    if not chunk:
                        raise OSError
                    others[one].sendall(chunk)
        if not self._silent.is_set():
            _close(near, far)

    def cut(self) -> int:
        """Cut every line that there is, by a reset on both sides; return how many there were."""
        self.joined.clear()
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            _close(*pair)
        return len(pairs)

    def fall_silent(self) -> None:
        """Lose all that is sent from now on."""
        self._silent.set()

    def swallow(self, seconds: float) -> int:
        """Lose all that is sent for so long, then cut; return how many lines there were."""
        self._silent.set()
        time.sleep(seconds)
        count = self.cut()
        self._silent.clear()
        return count

    def end(self) -> None:
        """Stop listening, and close everything."""
        self._over.set()
        self._listener.close()
        self.cut()


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()


def through(place: Place, relay: Relay) -> str:
    """Name the relay in the inventory; return the name."""
    pin = place.machine.sshd.known_hosts_line().split(" ", 1)[1]
    with place.box.known_hosts.open("a") as known:
        known.write(f"[127.0.0.1]:{relay.port} {pin}")
    place.box.add_host("relay", **place.box.hosts["manager"] | {"port": relay.port})
    return "relay"


def on_the_line(how: str, seed: int, seconds: float) -> Strike:
    """Return what cuts or silences the line, or kills the client, so long after it was begun."""
    chance = random.Random(seed)  # noqa: S311 - times, no secrets
    after = chance.uniform(0.0, seconds)

    def strike(place: Place, task: Task) -> Struck:
        relay = Relay(place.machine.sshd.port)
        name = through(place, relay)
        process = place.spawn(place.fab(name, *task.words), task.stdin)
        try:
            relay.joined.wait(JOIN_SECONDS)
            with suppress(subprocess.TimeoutExpired):
                process.wait(after)
            running = process.poll() is None
            struck = HOW[how](place, relay, process) if running else 0
            while struck and how == "cuts" and _lasts(relay, process, chance.uniform(0.2, 4.0)):
                struck += relay.cut()
            at = time.time()
            said = process.communicate(timeout=180)
        finally:
            process.kill()
            place.after.append(relay.end)
        where = f"after {after:.2f} s, {struck} lines: {_error(said[1])}"
        return Struck(bool(struck), at, where, process.returncode, "".join(said))

    return strike


def _error(said: str) -> str:
    """Return what a command said of how it failed."""
    return "".join(line for line in said.splitlines() if line.startswith("error:"))[:200]


def _lasts(relay: Relay, process: Client, seconds: float) -> bool:
    """Wait so long from the moment when there is a line again; return whether the client lives."""
    relay.joined.wait(JOIN_SECONDS)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.poll() is None


def _kill(place: Place, relay: Relay, process: Client) -> int:
    """Kill the client as a power cut would: its line is gone, and nobody is told."""
    del place, relay
    process.kill()
    return 1


def _gone(place: Place, relay: Relay, process: Client) -> int:
    """Let the client vanish with its network: what it had open stays open for the host."""
    del place
    relay.fall_silent()
    process.kill()
    return 1


def _asleep(place: Place, relay: Relay, process: Client) -> int:
    """Stop the client like a laptop that is closed, until somebody else has done something."""
    del relay
    process.send_signal(signal.SIGSTOP)
    try:
        done = place.run(place.inv("backup"))
    finally:
        process.send_signal(signal.SIGCONT)
    assert done.returncode == 0, done.stdout + done.stderr
    return 1


HOW: dict[str, Callable[[Place, Relay, Client], int]] = {
    "gone": _gone,
    "asleep": _asleep,
    "cut": lambda _, relay, __: relay.cut(),
    "cuts": lambda _, relay, __: relay.cut(),
    "silent": lambda _, relay, __: relay.swallow(SILENT_SECONDS),
    "silent for a moment": lambda _, relay, __: relay.swallow(2),
    "client": _kill,
}
