"""Runs `fab` and kills it at the k-th point, as in: python -m tests.e2e.cut K FOLDER ARGUMENTS.

A point stands before every change to a file below FOLDER and every call to a host, and behind
every program that a host was handed. With K = 0 nothing is killed, and the points are counted.
"""

import os
import signal
import sys

from fabric.main import program

from mantodeus_ops.remote.ssh.channel import SshTransport

CHANGES = {"os.rename", "os.link", "os.remove", "os.chmod", "os.mkdir", "socket.connect"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Points:
    """Counts the points, and kills at the one that was chosen."""

    def __init__(self, chosen, folder):
        self.chosen, self.folder, self.seen = chosen, folder, 0

    def point(self):
        """Pass a point."""
        self.seen += 1
        if self.seen == self.chosen:
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event, args):
        """Hear of what Python is about to do: an audit hook."""
        if event == "open" and isinstance(args[0], str) and args[2] & WRITES:
            event, args = "os.rename", args[:1]
        here = event == "socket.connect" or any(self.folder in str(one) for one in args)
        if event in CHANGES and here:
            self.point()


def main():
    """Run."""
    points = Points(int(sys.argv[1]), sys.argv[2])
    start = SshTransport.start

    def started(self, data, *, more=False):
        process = start(self, data, more=more)
        points.point()
        return process

    SshTransport.start = started
    sys.addaudithook(points.hear)
    code = program.run(["fab", *sys.argv[3:]], exit=False)
    print("points", points.seen, code or "", file=sys.stderr)  # noqa: T201 - the count is the result


if __name__ == "__main__":
    main()
