"""mantodeus-ops: ships, backs up, watches and rolls back a Node.js app under PM2.

The task groups, with the most used tasks at the root.
"""

from __future__ import annotations

import sys
from pathlib import Path

# A checkout is not installed: fab finds this folder by its name, and mantodeus_ops lies beside it.
# In the wheel these tasks lie inside mantodeus_ops, whose own folder must not be a place to import
# from: ssh, env and errors there would hide modules of others.
if __package__ == "fabfile":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# fab and inv forbid byte code, which costs a recompilation of everything at each start.
sys.dont_write_bytecode = False

from invoke.collection import Collection  # noqa: E402

from mantodeus_ops.cli import invoke_patches  # noqa: E402

from . import backup, deploy, env, monitor, ssh, webhook  # noqa: E402

invoke_patches.install()

ns = Collection()
for group in (deploy, backup, env, monitor, ssh, webhook):
    ns.add_collection(Collection.from_module(group))
for shortcut in (
    deploy.restart,
    deploy.rollback,
    monitor.status,
    monitor.health,
    monitor.logs,
    monitor.check,
):
    ns.add_task(shortcut, default=False)
