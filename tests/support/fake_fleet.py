"""A fleet in this process: hosts that run a revision each, and a deploy that changes only that."""

import json
import threading
import time

from mantodeus_ops.cli.task import task
from mantodeus_ops.errors import RolledBackError, StepFailedError, UnreachableError
from mantodeus_ops.fleet.resolve_hosts import ResolvedHosts
from mantodeus_ops.fleet.runner import Fleet
from mantodeus_ops.fleet.task_spec import RevertPlan
from mantodeus_ops.inventory.parse import parse_inventory
from mantodeus_ops.remote.connect import ConnectionPool
from mantodeus_ops.results import TaskResult

INVENTORY = """
[defaults]
address = "local"
app = "manager"
health_url = "http://127.0.0.1:1/"
project_dir = "/srv/app"
"""
OLD, NEW = "a" * 40, "b" * 40


def inventory_of(names, **hosts):
    """Return an inventory of these hosts, on this machine unless they say otherwise."""
    tables = (f"[hosts.{name}]\n{hosts.get(name, '')}" for name in names)
    return parse_inventory(INVENTORY + "\n".join(tables), "hosts.toml")


class LittleFleet:
    """Hosts by name with what they run; `ill` turn bad by a deploy, `away` cannot be reached.

    `stuck` cannot go back. `order` remembers who was changed when, `most` how many at once.
    """

    def __init__(self, count, *, ill=(), away=(), stuck=(), has=()):
        self.names = [f"web{number}" for number in range(1, count + 1)]
        self.runs = {name: NEW if name in has else OLD for name in self.names}
        self.ill, self.away, self.stuck = set(ill), set(away), set(stuck)
        self.order, self.most, self._now = [], 0, 0
        self._lock = threading.Lock()
        self.task = task(
            view="deploy",
            changes=True,
            options={"skip-backup": "Leave nothing to go back to."},
            reverts=RevertPlan(self._back, unless="skip_backup"),
        )(self.deploy())

    def deploy(self):
        """Return the body of the deploy."""

        def deploy(host, skip_backup=False):
            """Make the new revision live in this fleet."""
            del skip_backup
            with self._lock:
                self.order.append(host.name)
                self._now += 1
                self.most = max(self.most, self._now)
            time.sleep(0.002)
            with self._lock:
                self._now -= 1
            return self._changed(host)

        return deploy

    def _changed(self, host):
        if host.name in self.away:
            raise UnreachableError(f"no line to {host.name}", host.command_for("ssh.check"))
        if host.name in self.ill:
            raise RolledBackError(
                "unhealthy: it answered 500. Rolled back", host.command_for("status")
            )
        before, self.runs[host.name] = self.runs[host.name], NEW
        status = "unchanged" if before == NEW else "success"
        return TaskResult(status, {"revision": NEW, "previous_revision": before, "backup": "one"})

    def _back(self, host, made):
        assert made["revision"] == NEW
        assert host.options.yes
        if host.name in self.stuck:
            raise StepFailedError("the archive is damaged", host.command_for("backup.verify"))
        self.order.append(f"-{host.name}")
        self.runs[host.name] = made["previous_revision"]
        return TaskResult("success", {"revision": OLD, "previous_revision": NEW, "backup": "one"})

    def run(self, capsys, **options):
        """Run the deploy with these options; return its exit code, its rows and what it told."""
        inventory = inventory_of(self.names)
        doors = ConnectionPool(inventory, local=False)
        specs = tuple(inventory.hosts.values())
        code = Fleet(doors).run(
            self.task, ResolvedHosts(specs), {"json": True, **options}, dry=False
        )
        told = capsys.readouterr()
        return code, [json.loads(line) for line in told.out.splitlines()], told.err
