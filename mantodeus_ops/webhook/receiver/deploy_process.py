"""Runs a deploy as a separate process that outlives the receiver.

The child inherits a descriptor that locks a file. So a new receiver always sees a running deploy,
whichever process was killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

_KEPT_RUNS = 20
# The variables that a deploy inherits from the receiver. The others are dropped: PM2 adds its own,
# and those of the shell that started the receiver could shadow the app's `.env`.
_KEPT = frozenset(
    {"HOME", "PATH", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR", "PM2_HOME"}
    | {"OPS_INVENTORY", "OPS_LOCAL", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"}
    | {"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}
)
_KEPT_OF = ("npm_config_", "NPM_CONFIG_")  # settings of package registries


def deploy_environment(env: Mapping[str, str], **more: str) -> dict[str, str]:
    """Return the variables of an environment that a deploy needs, updated with `more`."""
    passed = {name: env[name] for name in env if name in _KEPT or name.startswith(_KEPT_OF)}
    return passed | more


def new_run() -> str:
    """Return a unique name for a run."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"


class DeployProcess:
    """The deploy process; one runs at a time."""

    def __init__(self, folder: Path, command: Sequence[str], cwd: Path) -> None:
        self._folder, self._command, self._cwd = folder, tuple(command), cwd
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self, run: str, revision: str, env: Mapping[str, str]) -> None:
        """Start a deploy of this revision; raise BlockingIOError when one runs, OSError."""
        lock = self._open_lock()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with _create(self._file(run, "json")) as out, _create(self._file(run, "log")) as err:
                self._process = subprocess.Popen(
                    [*self._command, "--ref", revision],
                    cwd=self._cwd,
                    env=dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                    pass_fds=(lock,),
                )
        finally:
            os.close(lock)

    @property
    def pid(self) -> int:
        """Return the pid of the process that this receiver started and has not reaped; else 0."""
        return self._process.pid if self._process else 0

    def runs(self) -> bool:
        """Return whether a deploy runs, started by this or an earlier receiver."""
        if self._process and self._process.poll() is None:
            return True
        lock = self._open_lock()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def ended(self, run: str) -> tuple[int | None, dict[str, object] | None, str]:
        """Return a finished run's exit code, if known, its JSON result, and its last log line."""
        code = self._process.returncode if self._process else None
        self._process = None
        self._sweep()
        words = _last_line(self._file(run, "log")).decode(errors="replace")
        return code, _last_object(self._file(run, "json")), words

    def _open_lock(self) -> int:
        return os.open(self._folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def _file(self, run: str, kind: str) -> Path:
        return self._folder / f"{run}.{kind}"

    def _sweep(self) -> None:
        for kind in ("json", "log"):
            for old in sorted(self._folder.glob(f"*.{kind}"))[:-_KEPT_RUNS]:
                old.unlink(missing_ok=True)


def _create(path: Path) -> BinaryIO:
    """Return a new private file, open for writing."""
    return os.fdopen(
        os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb"
    )


def _last_line(path: Path) -> bytes:
    try:
        return path.read_bytes().strip(b" \t\r\n").rpartition(b"\n")[2]
    except OSError:
        return b""


def _last_object(path: Path) -> dict[str, object] | None:
    try:
        value = json.loads(_last_line(path))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
