"""One host of a sandbox: a home, an sshd, a PM2 and one app, all in one folder."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from . import processes
from .commands import SandboxError, base_env, run
from .openssh import Sshd, free_port
from .shelf import npm_env, pm2_folder, shelf

APP_NAME = "manager"
HEALTH_INPUT = "?input=%7B%22json%22%3A%7B%22timestamp%22%3A{timestamp}%7D%7D"
LONGEST_SOCKET_PATH = 107
# No proxy of the caller's may stand between us and loopback.
LOOPBACK = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Machine:
    """Pretends to be a host of its own: what one does is never seen by another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.pm2_home = folder / "pm2"
        self.project_dir = folder / "site"
        self.npm_cache = folder / "npm"
        self.port = 0
        self.secrets = {
            "DATABASE_URL": f"postgres://manager:{secrets.token_hex(12)}@127.0.0.1:5432/manager",
            "JWT_SECRET": secrets.token_hex(24),
        }
        self.sshd = Sshd(folder / "sshd", self.home / ".ssh" / "authorized_keys", {})

    @property
    def url(self) -> str:
        """Return the address of the app's page."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def health_url(self) -> str:
        """Return the health path as an inventory holds it, with its place for the time."""
        return f"{self.url}api/trpc/system.health{HEALTH_INPUT}"

    def env(self) -> dict[str, str]:
        """Return the whole environment of a login here."""
        own = {"PM2_HOME": str(self.pm2_home)}
        if self.npm_cache.exists():
            own["npm_config_cache"] = str(self.npm_cache)
        return base_env(self.home, pm2_folder()) | npm_env() | own

    def take_npm_cache(self) -> None:
        """Take a copy of the shared npm cache: here it may be deleted while others install."""
        leave = shutil.ignore_patterns("tmp", "_logs")
        shutil.copytree(shelf() / "npm", self.npm_cache, ignore=leave, dirs_exist_ok=True)
        self.sshd.env = self.env()
        self.sshd.again(**self.sshd.options)

    def start(self, public_key: str) -> None:
        """Make the folders, let this key in, and start the sshd."""
        self._check_length()
        (self.home / ".ssh").mkdir(mode=0o700, parents=True)
        self.pm2_home.mkdir(mode=0o700)  # PM2's own would be open to others
        self.sshd.authorized_keys.write_text(public_key)
        self.sshd.authorized_keys.chmod(0o600)
        self.port = free_port()
        self.sshd.env = self.env()
        self.sshd.start()

    def _check_length(self) -> None:
        socket_path = str(self.pm2_home / "pub.sock")
        if len(socket_path) > LONGEST_SOCKET_PATH:
            raise SandboxError(f"{socket_path} is too long for a socket; use a shorter folder")

    def settings(self) -> dict[str, object]:
        """Return what an inventory says of this host's app."""
        return {
            "project_dir": str(self.project_dir),
            "app": APP_NAME,
            "health_url": self.health_url,
        }

    def env_text(self) -> str:
        """Return the `.env` of this host's app."""
        values = {"PORT": str(self.port), **self.secrets}
        return "".join(f"{name}={value}\n" for name, value in values.items())

    def write_env(self) -> Path:
        """Write the app's `.env`, as a person does by hand once; return its path."""
        path = self.project_dir / ".env"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(self.env_text())
        return path

    def pm2(self, *args: str) -> str:
        """Run this host's PM2; return its stdout."""
        return run(["pm2", *args], cwd=self.folder, env=self.env())

    def apps(self) -> list[dict[str, Any]]:
        """Return what PM2 knows of its apps."""
        return list(json.loads(self.pm2("-s", "jlist")))

    def page(self) -> str:
        """Return the revision that the page shows, or the reason why there is none."""
        status, text = fetch(self.url)
        found = re.search(r"\b[0-9a-f]{40}\b", text)
        return found[0] if status == 200 and found else f"HTTP {status} {text[:80]!r}"  # noqa: PLR2004

    def health(self) -> dict[str, Any]:
        """Return what the health path says: ok, revision, pid, secret; empty when unhealthy."""
        status, text = fetch(self.health_url.replace("{timestamp}", str(int(time.time()))))
        return dict(json.loads(text)["result"]["data"]["json"]) if status == 200 else {}  # noqa: PLR2004

    def stop(self) -> None:
        """End every process of this host and remove its folder."""
        if (self.pm2_home / "pm2.pid").exists():
            self.pm2("kill")
        self.sshd.stop()
        processes.end(processes.with_variable("HOME", str(self.home)))
        shutil.rmtree(self.folder, ignore_errors=True)


def fetch(url: str, timeout: float = 5) -> tuple[int, str]:
    """Return status and body of an answer; status 0 and the reason when there is none."""
    try:
        with LOOPBACK.open(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(errors="replace")
    except OSError as error:
        return 0, str(error)
