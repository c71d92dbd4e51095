"""A task that the product does not have: any shell text on each host, through its door."""

from __future__ import annotations

import os

from invoke.collection import Collection

from mantodeus_ops.cli.task import task
from mantodeus_ops.remote.host import Host
from mantodeus_ops.results import TaskResult


@task()
def probe(host: Host) -> TaskResult:
    """Run the text of BENCH_PROBE and show what it prints."""
    return TaskResult("online", {"said": host.capture("sh", "-c", os.environ["BENCH_PROBE"])})


ns = Collection(probe)
