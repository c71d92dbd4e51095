"""The program of the wheel: runs `fab` or `inv` with these tasks, in any folder.

In a checkout, Fabric and Invoke find `fabfile/` and `tasks.py` without it.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.machinery import ModuleSpec
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from invoke.collection import Collection
from invoke.exceptions import CollectionNotFound
from invoke.loader import FilesystemLoader
from invoke.program import Program

NAME = "mantodeus-ops"
INSTALLED = "mantodeus_ops.tasks"  # what fabfile/ is called in the wheel
DETECT = "mantodeus-ops init --detect ~/code/my-app"
INVENTORY = Path("inventory") / "hosts.toml"


class _Names(TypedDict):
    name: str
    binary: str
    version: str


def main() -> None:
    """Run the command line; act as `fab` or `inv` when called by that name."""
    called = Path(sys.argv[0]).name
    own = {"init": begin, "completion": complete}.get("".join(sys.argv[1:2]))
    if own and called not in {"fab", "inv"}:
        sys.exit(own(*sys.argv[2:]))
    here = called == "inv" or (called != "fab" and not names_hosts(sys.argv[1:]))
    (_inv if here else _fab)(called).run()


def tasks_package() -> str:
    """Return the name of the package with the tasks; in a checkout it is fabfile."""
    return INSTALLED if find_spec(INSTALLED) else "fabfile"


def namespace() -> Collection:
    """Return the collection of all tasks."""
    tasks: Collection = import_module(tasks_package()).ns
    return tasks


def names_hosts(words: list[str]) -> bool:
    """Return whether these arguments name hosts, an option of `fab` only."""
    return any(word.startswith(("-H", "--hosts")) for word in words)


def begin(*words: str) -> int:
    """Write an example inventory unless there is one; return the exit code."""
    if words[:1] == ("--detect",):
        return detect(*words[1:])
    if words:
        return refuse(f"init takes no {words[0]!r}", "mantodeus-ops init")
    try:
        INVENTORY.parent.mkdir(exist_ok=True)
        with INVENTORY.open("x", encoding="utf-8") as file:
            file.write(brought("hosts.toml"))
    except OSError as error:
        message = f"{INVENTORY}: {error.strerror}; nothing was written"
        return refuse(message, f"$EDITOR {INVENTORY}")
    say(f"{INVENTORY}: every key is explained in it\n")
    return 0


def detect(*folders: str) -> int:
    """Print the entry that fits the app of a local checkout; return the exit code."""
    from mantodeus_ops.inventory.checkout import read_checkout  # noqa: PLC0415 - init alone needs it
    from mantodeus_ops.inventory.detect import entry, propose  # noqa: PLC0415

    if len(folders) != 1:
        return refuse("init --detect takes the folder of one checkout", DETECT)
    try:
        proposal = propose(read_checkout(Path(folders[0]).expanduser()))
    except OSError as error:
        return refuse(f"{folders[0]}: {error.strerror}", DETECT)
    if proposal is None:
        return refuse(f"{folders[0]}: no package.json is in it", DETECT)
    say(entry(proposal))
    return 0


def complete(*shell: str) -> int:
    """Print what a shell must source for completion; return the exit code."""
    kinds = {"bash": "bash", "zsh": "bash", "fish": "fish"}
    if len(shell) != 1 or shell[0] not in kinds:
        return refuse("completion takes bash, zsh or fish", "mantodeus-ops completion bash")
    say(brought(f"mantodeus-ops.{kinds[shell[0]]}"))
    return 0


def refuse(message: str, hint: str) -> int:
    """Print an error and its hint to stderr; return the exit code."""
    hold_streams()
    sys.stderr.write(f"error: {message}\nhint: {hint}\n")
    return 2


def say(text: str) -> None:
    """Write the text to stdout, as far as it can be written."""
    hold_streams()
    sys.stdout.write(text)


def hold_streams() -> None:
    """Make stdout and stderr safe to write to; tasks do this for themselves."""
    from mantodeus_ops.ui.streams import hold  # noqa: PLC0415 - it brings all tasks along

    hold()


def brought(name: str) -> str:
    """Return the text of a file in the wheel."""
    return files(__package__).joinpath(name).read_text("utf-8")


class Ours(FilesystemLoader):
    """Loads the tasks of this wheel, regardless of files in the folder."""

    executor = ""  # the executor class, unless it is Invoke's

    def find(self, name: str) -> ModuleSpec | None:  # noqa: ARG002 - Invoke names its own default
        """Return the spec of the wheel's tasks, and set the executor that fabric.yaml names."""
        spec = find_spec(tasks_package())
        if self.executor:
            self.config.tasks.executor_class = self.executor
        return spec


class OursLast(Ours):
    """Loads the tasks file here or above, as Fabric and Invoke do, else the wheel's."""

    def find(self, name: str) -> ModuleSpec | None:
        """Return the spec of the tasks."""
        try:
            return FilesystemLoader.find(self, name)
        except CollectionNotFound:
            return super().find(name)


def _loader(called: str, executor: str = "") -> type[Ours]:
    kind = OursLast if called in {"fab", "inv"} else Ours
    return type(kind.__name__, (kind,), {"executor": executor})


def _inv(called: str) -> Program:
    return Program(**_named(called), loader_class=_loader(called))


def _fab(called: str) -> Program:
    from fabric import Config, Executor  # noqa: PLC0415 - costs a third of a second
    from fabric.main import Fab  # noqa: PLC0415

    loader = _loader(called, "mantodeus_ops.cli.executor.InventoryExecutor")
    program: Program = Fab(
        **_named(called),
        loader_class=loader,
        executor_class=Executor,
        config_class=Config,
    )
    return program


def _named(called: str) -> _Names:
    version = ""
    if {"-V", "--version"} & set(sys.argv):
        from importlib import metadata  # noqa: PLC0415 - as slow as a listing

        version = metadata.version(NAME)
    return {"name": NAME, "binary": called, "version": version}
