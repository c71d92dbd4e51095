"""What limits each row, by the first pattern that fits its name: a text for people, no measure.

They follow from the steps of a run, from profiles and from what the code does; look at them again
when a row changes.
"""

from __future__ import annotations

import re

from .samples import Row

LIMITS = {
    r"the app's own boot": "node reads the app; every start waits for that",
    r"deploy, a dependency": "a real install starts from nothing and is proven, file by file",
    r"of it the install": "creating the files; `npm install` in place touches only what changed",
    r"deploy, pm2 deploy": "backup, boot test and health.wait, none of which `pm2 deploy` has",
    r"deploy$": "backup, or hard links, build and boot test beside it; then health.wait",
    r"of it our own": "health.wait; a round trip for each step; the backup, which reads each file"
    " again, as the hard links of the deploy before changed its ctime",
    r"of that health": "the inventory says so: 3 s unless it says otherwise",
    r".*, fork: ": "one process: between its end and the next one's boot no process listens",
    r".*, pm2 deploy: ": "the same; `pm2 deploy` also builds under the live page",
    r".*, cluster: ": "nothing: a worker ends when the next one answers",
    r"restart, until": "the app's boot; the backup is made before, of what changed",
    r"restart, whole": "the same, and health.wait",
    r"rollback, until": "the app's boot; before it start, login, lock, look, and comparing what"
    " is live with the backup",
    r"rollback, whole": "the same, health.wait, and archiving what was left",
    r".*, rollback: ": "the app's boot; the plain way stops the app to unpack",
    r"untar": "creating the files",
    r"unpacked, until": "creating the files out of node, each checked, at a third of the speed"
    " of `tar`; the app's boot",
    r"unpacked, whole": "the same, and health.wait",
    r".*, unpacked: ": "the app's boot: unpacking goes on beside the live app",
    r"first backup, Node": "compressing, in as many threads as there are cores",
    r"first backup, with": "reading the files, whatever compresses them; `tar` takes half as long"
    " here as where the bar was set",
    r"backup, nothing": "a stat of each file; `tar` takes half as long here as where the bar was"
    " set",
    r"the whole command": "starting the client, login, lock, look, history",
    r"backup, only dist": "a stat of each file; only dist is compressed",
    r"backup, modules": "reading each file again, to find it unchanged",
    r"inv --list": "starting Python and Invoke; our own modules are about a tenth",
    r"fab --list": "starting Python, Invoke, Fabric and paramiko",
    r"inv status": "one node program; the plain way starts the whole client of PM2",
    r"status": "starting Python and paramiko, a login, one node program on each host",
    r"env\.set": "lock, look, backup, write, history: round trips that `sed` does not make",
    r"probe.*: ssh": "a key exchange for each host, on both sides",
    r"probe.*: pyinfra": "the sshds: 25 ms of the processor a login, on the cores of the client",
    r"probe.*: Ansible": "the same; theirs: a Python and an `ssh` for each host, too",
    r"webhook, p99": "a transaction on the disk, for all that wait at a moment",
    r"webhook, memory": "Python and its server",
    r"webhook": "reading requests and signatures in one process of Python",
}


def limit(row: Row) -> str:
    """Return what limits this row; raise StopIteration when it is not written down."""
    name = row.what.strip()
    return LIMITS[next(pattern for pattern in LIMITS if re.match(pattern, name))]
