"""A crowd of hosts in this process: each with descriptors, secrets and a pace of its own.

As a program, `python -m tests.support.many_hosts 1000`, it runs one task on so many and prints as
JSON what that cost: seconds of the processor, megabytes, threads, descriptors.
"""

import hashlib
import io
import json
import re
import resource
import socket
import sys
import threading
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from mantodeus_ops.app.facts import gather_facts
from mantodeus_ops.cli.task import task
from mantodeus_ops.errors import UnreachableError
from mantodeus_ops.fleet.resolve_hosts import ResolvedHosts
from mantodeus_ops.fleet.runner import Fleet
from mantodeus_ops.remote.connect import ConnectionPool
from mantodeus_ops.remote.transport import Exit
from mantodeus_ops.results import TaskResult
from tests.support.fake_fleet import inventory_of
from tests.support.host_facts import facts_of

MARK = re.compile(rb"printf '\\036%s\\n' ([0-9a-f]{16})")


def secret_of(name, number):
    """Return one of the secrets of this host."""
    return "secret-" + hashlib.sha256(f"{name} {number}".encode()).hexdigest()[:24]


class Answering:
    """A program that has printed its answer already."""

    def __init__(self, mark, answer):
        self._said = b"\x1e" + mark + b"\n"
        self._answer = json.dumps(answer).encode()

    def pump(self, out, err, timeout):
        """Hand it over."""
        del timeout
        out(self._said + self._answer)
        err(self._said)
        return Exit(0)

    def close(self):
        """Do nothing: it has ended."""


class MimicLine:
    """A line with a pair of real sockets, from its first use until it is closed."""

    def __init__(self, crowd, name):
        self._crowd, self._name, self._ends = crowd, name, ()

    def start(self, data, *, more=False):
        """Answer as this host does: late, never, or with an .env of its own."""
        del more
        self._ends = self._ends or socket.socketpair()
        self._crowd.look_around()
        self._crowd.keep_waiting(self._name)
        if self._name in self._crowd.dead:
            raise UnreachableError(f"no line to {self._name}", "ssh.check")
        env = "".join(f"KEY_{at}={secret_of(self._name, at)}\n" for at in range(5))
        return Answering(MARK.search(data)[1], facts_of(env={"present": True, "text": env}))

    def close(self):
        """Let the sockets go."""
        for end in self._ends:
            end.close()
        self._ends = ()


class Crowd(ConnectionPool):
    """Doors to so many hosts, some of them slow or dead; it remembers the most of what it held."""

    def __init__(self, count, *, slow=(), dead=(), seconds=0.0):
        self.names = [f"web{number}" for number in range(count)]
        self.slow, self.dead, self.seconds = set(slow), set(dead), seconds
        self.ended, self.threads, self.descriptors = [], 0, 0
        self._looking = threading.Lock()
        self.inventory = inventory_of(self.names)
        super().__init__(self.inventory, local=False)

    def _open_transport(self, spec):
        return MimicLine(self, spec.name)

    def keep_waiting(self, name):
        """Return when this host answers: a slow one after its time, or when all others have."""
        if name not in self.slow:
            time.sleep(0.001)
        elif self.seconds:
            time.sleep(self.seconds)
        else:
            quick, patience = len(self.names) - len(self.slow) - len(self.dead), 2000
            while len(self.ended) < quick and patience:
                time.sleep(0.01)
                patience -= 1

    def look_around(self):
        """Remember how many threads and descriptors there are; a look holds one, too."""
        with self._looking:
            self._look_around()

    def _look_around(self):
        self.threads = max(self.threads, threading.active_count())
        self.descriptors = max(self.descriptors, len(list(Path("/proc/self/fd").iterdir())))

    def run(self, **options):
        """Run a task that looks at each host and tells of it; return the exit code."""

        def probe(host):
            """Look at a host and tell of it."""
            facts = gather_facts(host, "env")
            host.info(f"seen, with {len(facts['env']['text'])} letters")
            self.ended.append(host.name)
            return TaskResult("online", {"first": facts["env"]["text"].split("\n")[0]})

        chosen = ResolvedHosts(tuple(self.inventory.hosts.values()))
        return Fleet(self).run(task(name="probe")(probe), chosen, options, dry=False)


def most_kilobytes():
    """Return the most memory that this process ever held."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])


def main(count):
    """Run the task on so many hosts, with what people see thrown away; print what it cost."""
    before = most_kilobytes()
    crowd, nobody = Crowd(count), io.StringIO()
    with redirect_stdout(nobody), redirect_stderr(nobody):
        crowd.run()
    used = resource.getrusage(resource.RUSAGE_SELF)
    cost = {
        "hosts": count,
        "seconds": round(used.ru_utime + used.ru_stime, 2),
        "megabytes": round((most_kilobytes() - before) / 1024, 1),
        "threads": crowd.threads,
        "descriptors": crowd.descriptors,
    }
    sys.stdout.write(json.dumps(cost) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
