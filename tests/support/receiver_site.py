"""A project with a remote of its own, and a receiver that is started, asked and killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

from mantodeus_ops.webhook.receiver.delivery_store import DeliveryStore
from sandbox.github import signed_headers
from sandbox.openssh import free_port

CHECKOUT = Path(__file__).resolve().parents[2]
SECRET = b"0123456789abcdef-0123456789abcdef-little"
BRANCH = "refs/heads/main"
PATIENCE = 60.0


def payload(after, **changes):
    """Return the body of a push of this revision."""
    told = {
        "ref": BRANCH,
        "before": "0" * 40,
        "after": after,
        "forced": False,
        "deleted": False,
        "created": False,
        "pusher": {"name": "octocat", "email": "octocat@example.com"},
        "repository": {"id": 42, "full_name": "octo/little", "pushed_at": 1},
        "head_commit": {"id": after, "message": f"Change {after[:7]}"},
    }
    return json.dumps(told | changes).encode()


def headers(body, *, secret=SECRET, event="push", delivery="", **changes):
    """Return the headers of a delivery; a change to None takes one away, `_` stands for `-`."""
    told = {
        "Host": "127.0.0.1",
        "User-Agent": "GitHub-Hookshot/1",
        "X-Hub-Signature": "sha1=" + "0" * 40,
        **signed_headers(event, body, secret, delivery),
    }
    told |= {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in told.items() if value is not None}


def request(body, head, *, method="POST", path="/webhook"):
    """Return the bytes of a request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


def push(after, **more):
    """Return the bytes of a signed push of this revision."""
    body = payload(after)
    return request(body, headers(body, **more))


async def exchange(port, data, *, patience=5.0):
    """Send bytes on a connection of their own; return the status code and the body, 0 for none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        async with asyncio.timeout(patience):
            return await answer(reader)
    except (OSError, asyncio.IncompleteReadError):
        return 0, b""
    finally:
        writer.close()


async def answer(reader):
    """Read one answer; return its status code and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line[16:]) for line in lines if line.startswith(b"content-length: "))
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


class Site:
    """One folder: origin.git, project with .env and .deploy, the book of fake deploys."""

    def __init__(self, folder):
        self.folder, self.project = folder, folder / "project"
        self.deploys = folder / "deploys"
        self.port = free_port()
        self.process = None
        self._make()

    def _make(self):
        git = ["git", "-c", "init.defaultBranch=main"]
        subprocess.run([*git, "init", "-q", "--bare", self.folder / "origin.git"], check=True)
        subprocess.run([*git, "init", "-q", self.project], check=True)
        origin = ["remote", "add", "origin", "../origin.git"]
        subprocess.run(["git", "-C", self.project, *origin], check=True)
        for name in (".deploy", "logs"):
            (self.project / name).mkdir(mode=0o700)
        self.write_env(f"WEBHOOK_SECRET={SECRET.decode()}\n")

    def write_env(self, text, mode=0o600):
        """Put a new .env into its place."""
        new = self.project / ".env.new"
        new.write_text(text)
        new.chmod(mode)
        new.replace(self.project / ".env")

    def commits(self, count):
        """Make so many commits at the remote, one after the other; return their revisions."""
        marks = self.folder / "marks"
        who = "committer A <a@example.com> 1 +0000"
        text = "".join(
            f"commit refs/made/all\nmark :{number}\n{who}\ndata 1\n.\n"
            for number in range(1, count + 1)
        )
        argv = ["fast-import", "--quiet", "--force", f"--export-marks={marks}"]
        self.git(*argv, text=text)
        found = dict(line.split() for line in marks.read_text().splitlines())
        return [found[f":{number}"] for number in range(1, count + 1)]

    def git(self, *words, text=None):
        """Run git in the remote."""
        argv = ["git", "-C", self.folder / "origin.git", *words]
        subprocess.run(argv, input=text, text=True, check=True, capture_output=True)

    def tip(self, revision):
        """Have the branch be there at the remote."""
        self.git("update-ref", BRANCH, revision)

    def start(self):
        """Start the receiver, and return when it answers."""
        argv = [sys.executable, "-m", "tests.support.receiver_process", self.folder, str(self.port)]
        with (self.folder / "said").open("ab") as said:
            self.process = subprocess.Popen(argv, cwd=CHECKOUT, stdout=said, stderr=said)
        self.wait(lambda: self.ask(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200)
        return self

    def kill(self, number=signal.SIGKILL):
        """End the receiver by a signal; return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def ask(self, data):
        """Send a request; return the status code and the body, 0 when there is no answer."""
        try:
            return asyncio.run(exchange(self.port, data))
        except OSError:
            return 0, b""

    def wait(self, true, seconds=PATIENCE):
        """Wait until this is so; fail when it does not come to be."""
        late = time.monotonic() + seconds
        while not true():
            if time.monotonic() > late or self.process.poll() is not None:
                raise AssertionError(self.said())
            time.sleep(0.02)

    def said(self):
        """Return what the receiver said that it should not have, and where it is now."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR1)
            time.sleep(0.5)
        return f"{self.process.poll()} {(self.folder / 'said').read_text()[-3000:]}"

    def states(self):
        """Return the state of every delivery, by its id."""
        return {row["id"]: row["state"] for row in self.rows()}

    def rows(self):
        """Return the deliveries, the newest first."""
        spool = DeliveryStore(self.project / ".deploy/webhook.db")
        try:
            return spool.deliveries(1_000_000)
        finally:
            spool.close()

    def settle(self, seconds=PATIENCE):
        """Wait until nothing waits or runs any more."""
        busy = {"waiting", "running"}
        self.wait(lambda: busy.isdisjoint(self.states().values()), seconds)

    def deployed(self, word="end"):
        """Return the revisions of the deploys that ended, or began, in their order."""
        lines = self.deploys.read_text().splitlines() if self.deploys.exists() else []
        return [line.split()[1] for line in lines if line.split()[0] == word]

    def log(self):
        """Return the lines of the receiver's log."""
        text = (self.project / "logs/webhook.log").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def memory(self):
        """Return the memory of the receiver in MB, and the most that it ever was."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = dict(line.split(":", 1) for line in status.splitlines())
        return tuple(int(found[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))

    def end(self):
        """End the receiver, and hold up a deploy no longer."""
        (self.folder / "deploys.held").unlink(missing_ok=True)
        if self.process and self.process.poll() is None:
            self.kill(signal.SIGTERM)


def any_revision():
    """Return a revision that nobody has."""
    return sha256(os.urandom(8)).hexdigest()[:40]
