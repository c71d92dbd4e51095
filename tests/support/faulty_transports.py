"""Lines to this machine on which something goes wrong, each really: no part of ours is replaced."""

import os
import signal

from mantodeus_ops.remote.local import LocalProcess, LocalTransport
from mantodeus_ops.remote.transport import ConnectionDropped


class Dropping(LocalTransport):
    """A line that drops the first few times, after it has handed over so many bytes."""

    def __init__(self, times):
        self.times, self.begun = times, 0

    def start(self, data, *, more=False):
        """Start a program, and drop the line if it is time to."""
        self.begun += 1
        if self.begun > self.times:
            return super().start(data, more=more)
        raise ConnectionDropped


class Halved(LocalTransport):
    """A line that is cut while it sends: of each program, in turn, only so much arrives."""

    def __init__(self, shares):
        self.shares = list(shares)

    def start(self, data, *, more=False):
        """Start a program that gets only its beginning, as long as there are shares left."""
        if not self.shares:
            return super().start(data, more=more)
        process = super().start(data[: int(len(data) * self.shares.pop(0))])
        process.pump(lambda _: None, lambda _: None, 20)
        raise ConnectionDropped


class Strange(LocalTransport):
    """A line to an account whose shell does something else than what it is told."""

    def __init__(self, instead):
        self.instead = instead

    def start(self, data, *, more=False):
        """Start what the account starts."""
        size, _, rest = data.partition(b"\n")
        text = f"{self.instead}\n".encode() + rest[: int(size)]
        return super().start(f"{len(text)}\n".encode() + text + rest[int(size) :], more=more)


class Cut(LocalProcess):
    """A follower whose line is cut after so many bytes: what it had not sent yet is lost."""

    left = 0

    def pump(self, out, err, timeout):
        """Hand over so many bytes, then kill the follower."""

        def some(chunk):
            out(chunk[: self.left])
            self.left -= len(chunk)
            if self.left <= 0:
                os.killpg(self._child.pid, signal.SIGKILL)
                self._child.wait()
                raise ConnectionDropped

        return super().pump(some, err, timeout)


class CutLine(LocalTransport):
    """A line that is cut again and again, each time after so many bytes."""

    def __init__(self, cuts):
        self.cuts = list(cuts)

    def start(self, data, *, more=False):
        """Start a program that will be cut, as long as there are cuts left."""
        if not self.cuts:
            return super().start(data, more=more)
        process = Cut(data, more=more)
        process.left = self.cuts.pop(0)
        return process


class Interrupted(LocalTransport):
    """A line at which somebody types Ctrl-C as soon as something is printed."""

    def __init__(self):
        self.typed = False

    def start(self, data, *, more=False):
        """Start a program; the first one that prints is interrupted."""
        process = super().start(data, more=more)
        if not self.typed:
            self.typed = True
            process.pump = lambda out, err, timeout: self._type(process, out, err, timeout)
        return process

    def _type(self, process, out, err, timeout):
        def typed(chunk):
            out(chunk)
            if b"begun" in chunk:
                raise KeyboardInterrupt

        return LocalProcess.pump(process, typed, err, timeout)


class Far(LocalProcess):
    """A program behind a line that may lose what is said to it, without a word to either end."""

    silent = False

    def send(self, data):
        """Send it, or lose it."""
        if not self.silent:
            super().send(data)


class FarLine(LocalTransport):
    """A line that falls silent when it is told to, with everything that runs over it."""

    far = True

    def __init__(self):
        self.begun = []

    def start(self, data, *, more=False):
        """Start a program, and remember it."""
        self.begun.append(Far(data, more=more))
        return self.begun[-1]

    def fall_silent(self):
        """Lose what is sent from now on."""
        for process in self.begun:
            process.silent = True

    def come_back(self):
        """Lose nothing any more."""
        for process in self.begun:
            process.silent = False
