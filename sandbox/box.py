"""The sandbox: an origin, one or more machines, an inventory that names them, and a client."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from .commands import CHECKOUT, SandboxError, terminal_env
from .inventory import inventory_text
from .machine import Machine
from .openssh import free_port, make_key
from .origin import Origin
from .shelf import shelf, warm_npm_cache

Finished = subprocess.CompletedProcess[str]
PROGRAMS = Path(sys.executable).parent


class Sandbox:
    """Everything in `root`, which must not exist yet; use as a context or call start and stop.

    Without a root it is a fresh one, short enough for the sockets of PM2.

    `manager` is the first machine. The inventory names it twice: `manager` goes over SSH, `here`
    does not.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root = root or shelf() / "boxes" / secrets.token_hex(4)
        self.origin = Origin(root)
        self.manager = Machine(root / "manager")
        self.machines = {"manager": self.manager}
        self.inventory = root / "inventory" / "hosts.toml"
        self.known_hosts = root / "inventory" / "known_hosts"
        self.identity = root / "keys" / "id_ed25519"
        self.defaults: dict[str, object] = {}
        self.hosts: dict[str, dict[str, object]] = {}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Build everything and start the sshd; the app is not deployed yet."""
        if os.geteuid() == 0:
            raise SandboxError("not as root; use: sandbox/as-account ops-sandbox COMMAND")
        try:
            self._build()
        except BaseException:
            self.stop()
            raise
        return self

    def _build(self) -> None:
        warm_npm_cache()
        self.inventory.parent.mkdir(mode=0o700, parents=True)
        self.origin.create()
        self._make_identity()
        self._start_machine("manager")
        self._set_defaults()
        self.add_host("here", address="local", **self.manager.settings())

    def _make_identity(self) -> None:
        self.identity.parent.mkdir(mode=0o700, parents=True)
        make_key(self.identity, "sandbox")

    def _set_defaults(self) -> None:
        self.defaults = {
            "identity_file": str(self.identity),
            "known_hosts": str(self.known_hosts),
            "repository": str(self.origin.bare),
            "min_free_disk": "100MB",
            "health": {"wait": 0, "retries": 20, "delay": 0.5},
        }
        self.write_inventory()

    def _start_machine(self, name: str) -> Machine:
        machine = self.machines[name]
        machine.start(self.identity.with_suffix(".pub").read_text())
        with self.known_hosts.open("a") as known:
            known.write(machine.sshd.known_hosts_line())
        self.add_host(name, **self._by_ssh(machine), **machine.settings())
        return machine

    @staticmethod
    def _by_ssh(machine: Machine) -> dict[str, object]:
        user = pwd.getpwuid(os.getuid()).pw_name
        return {"address": "127.0.0.1", "port": machine.sshd.port, "user": user}

    def add_machine(self, name: str) -> Machine:
        """Start another host with its own sshd, home, PM2 and app, and put it in the inventory."""
        self.machines[name] = Machine(self.root / name)
        return self._start_machine(name)

    def add_host(self, name: str, **settings: object) -> None:
        """Put an entry in the inventory: keys as in hosts.toml, `health` and `hooks` as dicts."""
        self.hosts[name] = settings
        self.write_inventory()

    def add_dead_host(self, name: str) -> None:
        """Put a host in the inventory whose port nobody listens on."""
        settings = self.manager.settings()
        self.add_host(name, address="127.0.0.1", port=free_port(), **settings)

    def write_inventory(self) -> None:
        """Write hosts.toml anew, after `defaults` or `hosts` were changed by hand."""
        self.inventory.write_text(inventory_text("here", self.defaults, self.hosts))

    def env(self) -> dict[str, str]:
        """Return the environment of a person who works at the first machine."""
        return self.manager.env() | {"OPS_INVENTORY": str(self.inventory)}

    def spawn(self, program: str, *args: str, **more: str) -> subprocess.Popen[str]:
        """Start `fab` or `inv` and return at once; `more` are variables on top of env()."""
        return subprocess.Popen(
            [PROGRAMS / program, *args],
            cwd=CHECKOUT,
            env=self.env() | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(self, program: str, *args: str) -> int:
        """Run `fab` or `inv` in full view of the caller; return its exit code."""
        argv = [str(PROGRAMS / program), *args]
        env = self.env() | terminal_env()
        return subprocess.run(argv, cwd=CHECKOUT, env=env, check=False).returncode

    def fab(self, *args: str, stdin: str = "", timeout: float = 300) -> Finished:
        """Run `fab` of this checkout; return what it printed and its exit code."""
        return self._finished([PROGRAMS / "fab", *args], stdin, timeout)

    def inv(self, *args: str, stdin: str = "", timeout: float = 300) -> Finished:
        """Run `inv` of this checkout; return what it printed and its exit code."""
        return self._finished([PROGRAMS / "inv", *args], stdin, timeout)

    def ssh(self, command: str, stdin: str = "", timeout: float = 60) -> Finished:
        """Run a command at the first machine with the ordinary ssh."""
        options = ["-F", "none", "-i", str(self.identity), "-p", str(self.manager.sshd.port)]
        options += ["-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "BatchMode=yes"]
        return self._finished(["ssh", *options, "127.0.0.1", command], stdin, timeout)

    def _finished(self, argv: Sequence[str | Path], stdin: str, timeout: float) -> Finished:
        return subprocess.run(
            argv,
            cwd=CHECKOUT,
            env=self.env(),
            input=stdin,
            timeout=timeout,
            capture_output=True,
            text=True,
            check=False,
        )

    def sshd_sessions(self) -> list[int]:
        """Return the processes that serve the first machine's connections now."""
        return self.manager.sshd.sessions()

    def stop(self) -> None:
        """End every process of the sandbox and remove its folder."""
        for machine in self.machines.values():
            machine.stop()
        shutil.rmtree(self.root, ignore_errors=True)
