"""Fabric executor: -H takes names of the inventory; fabric.yaml names this class."""

from __future__ import annotations

from collections.abc import Sequence

import fabric.executor
from invoke.exceptions import Exit
from invoke.parser.context import ParserContext

from mantodeus_ops.cli.task import HostTask
from mantodeus_ops.errors import OpsError, UsageError
from mantodeus_ops.fleet.host_selector import read_selection
from mantodeus_ops.fleet.resolve_hosts import ResolvedHosts, resolve_hosts
from mantodeus_ops.fleet.runner import Fleet, report_error, report_no_hosts
from mantodeus_ops.inventory.locate import load_inventory
from mantodeus_ops.remote.connect import ConnectionPool
from mantodeus_ops.transaction.local_user import refuse_root


class InventoryExecutor(fabric.executor.Executor):  # type: ignore[misc]  # Fabric ships no types
    """Runs the tasks of the command line on the hosts of -H, in turn, until one fails."""

    def execute(self, *tasks: ParserContext) -> dict[object, object]:
        """Run the tasks; raise Exit with the highest exit code when it is not 0."""
        try:
            code = self._execute(tasks)
        except OpsError as error:
            code = report_error(error, f"fab -H {self.core[0].args.hosts.value or 'NAME'}")
        if code:
            raise Exit(code=code)
        return {}

    def _execute(self, tasks: Sequence[ParserContext]) -> int:
        refuse_root()
        words = self.core[0].args.hosts.value or ""
        if not words.strip(","):
            raise UsageError(
                "fab needs -H with a host or group of the inventory",
                "inv status  # for this machine",
            )
        inventory = load_inventory()
        selection = read_selection(inventory, words)
        connections = ConnectionPool(inventory, local=False)
        try:
            hosts = resolve_hosts(selection, inventory, connections)
            if not hosts.specs and not hosts.lost:
                return report_no_hosts()
            return self._in_turn(tasks, Fleet(connections), hosts)
        finally:
            connections.close()

    def _in_turn(self, tasks: Sequence[ParserContext], fleet: Fleet, hosts: ResolvedHosts) -> int:
        for call in self.normalize(tasks):
            if not isinstance(call.task, HostTask):
                raise UsageError(f"{call.task.name} is not a task for hosts", "fab --list")
            code = fleet.run(call.task, hosts, call.kwargs, dry=bool(self.config.run.dry))
            if code:
                return code
        return 0
