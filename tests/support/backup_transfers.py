"""Backups on their way: a host with one, lines that are cut meanwhile, forged archives."""

import gzip
import io
import json
import os
import tarfile

from mantodeus_ops.inventory.parse import HealthPolicy
from mantodeus_ops.remote.answers.programs import CREATE_BACKUP, LIST_STATES
from mantodeus_ops.remote.jobs import program_job
from mantodeus_ops.remote.local import LocalProcess, LocalTransport
from mantodeus_ops.remote.transport import ConnectionDropped
from tests.support.fake_host import Heard, host_at
from tests.support.faulty_transports import Cut

AT_ONCE = HealthPolicy(wait=0, retries=1, delay=0.1)
PLACES = ("dist", "package-lock.json", ".env")
LARGE = 3 << 20  # bytes that cannot be packed, for a line that is cut in the middle of them


def app_at(folder, *, noise=1 << 16, **more):
    """Return a host whose app is in this folder, with something in it that is worth a backup."""
    (folder / "dist").mkdir(parents=True, exist_ok=True)
    (folder / "dist/index.js").write_text("answer();\n")
    (folder / "dist/noise").write_bytes(os.urandom(noise))
    (folder / "package-lock.json").write_text("{}\n")
    (folder / ".env").write_text("JWT_SECRET=canary-0123456789\n")
    return host_of(folder, **more)


def host_of(folder, **more):
    """Return the host of this folder, as it is."""
    settings = {"heard": Heard(), "backup_paths": PLACES, "pm2": "true"}
    return host_at(folder, **{**settings, **more})


def backed_up(host, verdict="good"):
    """Return the manifest of a backup that is made now."""
    about = {"reason": "a test", "verdict": verdict, "revision": "ab" * 20, "branch": "main"}
    paths = list(PLACES)
    ended = program_job(host, "backup", CREATE_BACKUP, paths=paths, about=about).follow()
    assert ended.code == 0, host.events.output
    return manifest(host, ended.result["name"])


def manifest(host, name):
    """Return a backup's manifest on the host."""
    return json.loads((host.app.project_dir / "backups" / f"{name}.json").read_text())


def listed(host):
    """Return the backups that the host lists, by name."""
    found = host.query(LIST_STATES, paths=list(PLACES), exact=True)["backups"]
    return {one["name"]: one for one in found}


def names(folder):
    """Return what is in a folder."""
    return sorted(path.name for path in folder.iterdir())


class CutSending(LocalProcess):
    """A program whose line is cut after it was sent so many bytes."""

    left = None

    def send(self, data):
        """Send what still fits, then cut the line."""
        if self.left is None:
            super().send(data)
            return
        super().send(data[: self.left])
        self.left -= len(data)
        if self.left <= 0:
            self._child.stdin.close()
            raise ConnectionDropped

    def pump(self, out, err, timeout):
        """Tell nobody how a program ended whose line was cut."""
        if self.left is not None and self.left <= 0:
            raise ConnectionDropped
        return super().pump(out, err, timeout)


class CutCopy(LocalTransport):
    """A line that is cut while a file passes, each time after so many bytes; then it stays up."""

    def __init__(self, *cuts):
        self.cuts = list(cuts)

    def start(self, data, *, more=False):
        """Start a program, which is cut if it moves the file."""
        kind = {b"exec tail": Cut, b"exec dd": CutSending}
        moves = next((kind[word] for word in kind if word in data), None)
        if not self.cuts or not moves:
            return super().start(data, more=more)
        process = moves(data, more=more)
        process.left = self.cuts.pop(0)
        return process


def forged(file, *members, end=b"", tail=b""):
    """Write an archive of these members, each a name with what it is, and return it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, what in members:
            archive.addfile(*member(name, what))
    file.write_bytes(gzip.compress(plain.getvalue() + end) + tail)
    return file


def member(name, what):
    """Return a member for tarfile: text is a file, a dict what a header says."""
    info = tarfile.TarInfo(name)
    if isinstance(what, dict):
        for key, value in what.items():
            setattr(info, key, value)
        return info, None
    info.size = len(what)
    return info, io.BytesIO(what.encode())
