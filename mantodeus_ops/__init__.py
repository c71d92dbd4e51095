"""The program of the wheel: `fab` or `inv` over these tasks, in any folder with an inventory.

A checkout needs none of this: Fabric and Invoke find `fabfile/` and `tasks.py` there by name.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from invoke.exceptions import CollectionNotFound
from invoke.loader import FilesystemLoader
from invoke.program import Program

INVENTORY = Path("inventory") / "hosts.toml"


def main() -> None:
    """Do what the command line asks; called by the name `fab` or `inv`, be that one."""
    called = Path(sys.argv[0]).name
    if called not in {"fab", "inv"} and sys.argv[1:] == ["init"]:
        sys.exit(begin())
    here = called == "inv" or (called != "fab" and not names_hosts(sys.argv[1:]))
    (_inv if here else _fab)(called).run()


def names_hosts(words: list[str]) -> bool:
    """Return whether these words name hosts, as only `fab` lets them."""
    return any(word.startswith(("-H", "--hosts")) for word in words)


def begin() -> int:
    """Write an inventory to begin with, where there is none; return the exit code."""
    try:
        INVENTORY.parent.mkdir(exist_ok=True)
        with INVENTORY.open("x", encoding="utf-8") as file:
            file.write(files(__package__).joinpath("hosts.toml").read_text("utf-8"))
    except OSError as error:
        sys.stderr.write(f"error: {INVENTORY}: {error.strerror}; nothing was written\n")
        return 2
    sys.stdout.write(f"{INVENTORY}: every key is explained in it\n")
    return 0


class Ours(FilesystemLoader):
    """Finds the tasks of this wheel, whatever lies in the folder."""

    executor = ""  # the class that runs them, where it is not Invoke's own

    def find(self, name: str) -> ModuleSpec | None:  # noqa: ARG002 - Invoke names its own default
        """Return where our tasks are, and have them run as a checkout's fabric.yaml says."""
        spec = find_spec("fabfile")
        if self.executor:
            self.config.tasks.executor_class = self.executor
        return spec


class OursLast(Ours):
    """Finds what lies here or above, as the program of that name does; else our own."""

    def find(self, name: str) -> ModuleSpec | None:
        """Return where the tasks are."""
        try:
            return FilesystemLoader.find(self, name)
        except CollectionNotFound:
            return super().find(name)


def _loader(called: str, executor: str = "") -> type[Ours]:
    kind = OursLast if called in {"fab", "inv"} else Ours
    return type(kind.__name__, (kind,), {"executor": executor})


def _inv(called: str) -> Program:
    return Program(name="mantodeus-ops", binary=called, loader_class=_loader(called))


def _fab(called: str) -> Program:
    from fabric import Config, Executor  # noqa: PLC0415 - costs a third of a second
    from fabric.main import Fab  # noqa: PLC0415

    loader = _loader(called, "fabfile.host.executor.InventoryExecutor")
    program: Program = Fab(
        name="mantodeus-ops",
        binary=called,
        loader_class=loader,
        executor_class=Executor,
        config_class=Config,
    )
    return program
