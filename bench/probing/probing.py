"""A task that the product does not have: any shell text on each host, through its door."""

from __future__ import annotations

import os

from invoke.collection import Collection

from fabfile.host.door import Host
from fabfile.host.task import task
from fabfile.pure.outcome import Report


@task()
def probe(host: Host) -> Report:
    """Run the text of BENCH_PROBE and show what it prints."""
    return Report("online", {"said": host.capture("sh", "-c", os.environ["BENCH_PROBE"])})


ns = Collection(probe)
