"""Kills a program of the host at each system call that writes, or makes the call fail."""

from __future__ import annotations

import re

CALLS = (
    "openat",
    "write",
    "pwrite64",
    "rename",
    "link",
    "unlink",
    "mkdir",
    "rmdir",
    "fsync",
    "ftruncate",
    "fchmod",
    "close",
)


def counts(project, what):
    """Return how often a whole run makes each of these calls in its main thread."""
    log = project.place / "strace.log"
    what(("strace", "-o", str(log), "-e", f"trace={','.join(CALLS)}"))
    made = re.findall(r"^(\w+)\(", log.read_text(), re.MULTILINE)
    return {call: made.count(call) for call in CALLS}


def killed(project, what, call, when):
    """Run a program and kill it at this call; return whether it came that far."""
    log = project.place / "strace.log"
    inject = f"inject={call}:signal=KILL:when={when}"
    what(("strace", "-o", str(log), "-e", f"trace={call}", "-e", inject))
    return "killed by SIGKILL" in log.read_text()


def ladder(project, what, points, after):
    """Kill at so many points of each call, all when it is 0; hold `after` each time; count them."""
    found = 0
    for call, made in counts(project, what).items():
        for when in range(1, made + 1, max(1, made // points) if points else 1):
            found += killed(project, what, call, when)
            after(found)
    assert found > 10
    return found


def failing(call, error, when, *, once=False):
    """Return the words that make this call fail with this error from the so manieth on."""
    inject = f"inject={call}:error={error}:when={when}{'' if once else '+'}"
    return ("strace", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
