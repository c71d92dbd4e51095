"""What `fab` does with its -H: names of the inventory. fabric.yaml names this class."""

from __future__ import annotations

from typing import Any

import fabric.executor
from invoke.exceptions import Exit

from ..pure.errors import OpsError, UsageError
from ..pure.selection import read_selection
from .choosing import Chosen, choose
from .factory import Doors
from .fleet import Fleet, told, told_no_host
from .inventory_file import load_inventory
from .operator import refuse_root
from .task import HostTask


class InventoryExecutor(fabric.executor.Executor):  # type: ignore[misc]  # Fabric ships no types
    """Runs every task of the command line on the hosts that -H names, in turn, until one fails."""

    def execute(self, *tasks: Any) -> dict[Any, Any]:
        """Run the tasks; raise Exit with the highest exit code when it is not 0."""
        try:
            code = self._execute(tasks)
        except OpsError as error:
            code = told(error, f"fab -H {self.core[0].args.hosts.value or 'NAME'}")
        if code:
            raise Exit(code=code)
        return {}

    def _execute(self, tasks: Any) -> int:
        refuse_root()
        words = self.core[0].args.hosts.value or ""
        if not words.strip(","):
            raise UsageError(
                "fab needs -H with a host or group of the inventory",
                "inv status  # for this machine",
            )
        inventory = load_inventory()
        selection = read_selection(inventory, words)
        doors = Doors(inventory, local=False)
        try:
            chosen = choose(selection, inventory, doors)
            if not chosen.specs and not chosen.lost:
                return told_no_host()
            return self._in_turn(tasks, Fleet(doors), chosen)
        finally:
            doors.close()

    def _in_turn(self, tasks: Any, fleet: Fleet, chosen: Chosen) -> int:
        for call in self.normalize(tasks):
            if not isinstance(call.task, HostTask):
                raise UsageError(f"{call.task.name} is not a task for hosts", "fab --list")
            code = fleet.run(call.task, chosen, call.kwargs, dry=bool(self.config.run.dry))
            if code:
                return code
        return 0
