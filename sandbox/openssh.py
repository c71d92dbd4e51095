"""An sshd of an ordinary account, on a free loopback port, with keys of its own."""

from __future__ import annotations

import secrets
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from . import processes
from .commands import SandboxError, run
from .shelf import sshd_program

# Below the ports that the kernel lends to outgoing connections, so that none takes ours.
PORTS = range(20000, 32000)
READY_SECONDS = 10.0
TRIES = 5


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    while True:
        port = secrets.choice(PORTS)
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def make_key(path: Path, comment: str, passphrase: str = "") -> None:
    """Make an ed25519 key pair, without a passphrase unless one is given."""
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", comment, "-f", path])


class Sshd:
    """One sshd whose sessions see exactly the variables in `env`."""

    def __init__(self, folder: Path, authorized_keys: Path, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.authorized_keys = authorized_keys
        self.env = env
        self.address = "127.0.0.1"
        self.options: dict[str, str] = {}  # of sshd_config, before all others
        self.port = 0
        self.under: Sequence[str] = ()  # the program, with its words, that starts it
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        """Return the path of the configuration, which also names this sshd among processes."""
        return self.folder / "sshd_config"

    def known_hosts_line(self) -> str:
        """Return the line that pins this sshd's host key."""
        kind, key, *_ = (self.folder / "host_key.pub").read_text().split()
        return f"[{self.address}]:{self.port} {kind} {key}\n"

    def start(self) -> None:
        """Start listening, on the same port as before when there was one; return when ready."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if not (self.folder / "host_key").exists():
            make_key(self.folder / "host_key", "sandbox")
        for _ in range(TRIES):
            self.port = self.port or free_port()
            if self._listens():
                return
            self.port = 0
        raise SandboxError(f"sshd does not start; see {self.folder / 'sshd.log'}")

    def _listens(self) -> bool:
        self.config.write_text(self._configuration())
        program, extra = sshd_program()
        with (self.folder / "sshd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self.under, program, "-D", "-e", "-f", self.config],
                env={"PATH": self.env["PATH"], **extra},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self._answers()

    def _answers(self) -> bool:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
            with closing(socket.socket(family)) as probe:
                if not probe.connect_ex((self.address, self.port)):
                    return self._process.poll() is None
            time.sleep(0.02)
        return False

    def _configuration(self) -> str:
        # StrictModes also looks at the folders above ours, such as a shared temporary one.
        options = "".join(f"{name} {value}\n" for name, value in self.options.items())
        return f"""\
{options}ListenAddress {self.address}
Port {self.port}
HostKey {self.folder / "host_key"}
PidFile {self.folder / "sshd.pid"}
AuthorizedKeysFile {self.authorized_keys}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 500
LogLevel VERBOSE
PrintMotd no
Subsystem sftp internal-sftp
SetEnv {" ".join(_quoted(name, value) for name, value in self.env.items())}
"""

    def again(self, **options: str) -> None:
        """Stop, and start on the same port with these options and no others."""
        self.stop()
        self.options = options
        self.start()

    def pid(self) -> int:
        """Return the number of the listening process, or 0 when there is none."""
        try:
            pid = int((self.folder / "sshd.pid").read_text())
        except (FileNotFoundError, ValueError):
            return 0
        return pid if processes.mentions(pid, str(self.config)) else 0

    def sessions(self) -> list[int]:
        """Return the processes that serve connections now; ending them all cuts every line.

        What the connections run is not among them: it survives, as when a network fails.
        """
        pid = self.pid()
        members = processes.family(pid)[1:] if pid else []
        return [member for member in members if processes.name(member).startswith("sshd")]

    def stop(self) -> None:
        """End the listener, its connections and what they run; nothing else."""
        if pid := self.pid():
            processes.end(reversed(processes.family(pid)))
        if self._process:
            # One that has not written its number yet is in no family.
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _quoted(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}={escaped}"'
