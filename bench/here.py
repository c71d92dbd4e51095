"""What was measured on: this machine, described."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from pathlib import Path

from sandbox.commands import base_env, run
from sandbox.shelf import pm2_folder, shelf

GIB = 2**30


def about() -> dict[str, str]:
    """Return what this machine is and which programs it has."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    return {
        "cores": f"{os.cpu_count()}, {_cpu()}",
        "memory": f"{memory:.1f} GiB",
        "kernel": platform.release(),
        "disk": f"{shutil.disk_usage(shelf()).free / GIB:.0f} GiB free",
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()) + " when it began",
        "python": sys.version.split()[0],
        "node": _version("node", "--version"),
        "npm": _version("npm", "--version"),
        "pm2": _pm2_version(),
        "ssh": _version("bash", "-c", "ssh -V 2>&1"),
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _version(*argv: str) -> str:
    return run(argv, env=base_env(shelf())).strip()


def _pm2_version() -> str:
    # Asking pm2 itself would leave a daemon behind.
    package = json.loads((pm2_folder().parent / "pm2" / "package.json").read_text())
    return str(package["version"])
