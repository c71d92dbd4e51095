"""What all sandboxes of an account share: PM2, a warm npm cache, an sshd; fetched once."""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from .commands import CHECKOUT, SandboxError, base_env, run

APP = CHECKOUT / "sandbox" / "app"
PM2_VERSION = "7"
SSHD_PLACES = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd")
SSHD_PACKAGES = ("openssh-server", "libwrap0")


def shelf() -> Path:
    """Return the folder of shared things; it outlives every sandbox."""
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    folder = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "mantodeus-ops"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _alone(name: str) -> Iterator[Path]:
    """Yield the folder of one shared thing while no other process can fill it."""
    folder = shelf() / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def npm_env() -> dict[str, str]:
    """Return the environment in which npm uses the shared cache and asks nobody twice."""
    return {
        "npm_config_cache": str(shelf() / "npm"),
        "npm_config_prefer_offline": "true",
        "npm_config_update_notifier": "false",
        "npm_config_audit": "false",
        "npm_config_fund": "false",
    }


def pm2_folder() -> Path:
    """Return the folder that holds `pm2`, installing it the first time."""
    with _alone("pm2") as folder:
        programs = folder / "node_modules" / ".bin"
        if not (programs / "pm2").exists():
            folder.mkdir(exist_ok=True)
            (folder / "package.json").write_text('{"private": true}\n')
            run(["npm", "install", f"pm2@{PM2_VERSION}"], cwd=folder, env=_tools_env())
        return programs


def warm_npm_cache() -> None:
    """Fetch the packages of the sandbox's app once, so that every later install is local."""
    wanted = sha256((APP / "package-lock.json").read_bytes()).hexdigest()
    with _alone("warm") as folder:
        stamp = folder / "stamp"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        folder.mkdir(exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(APP / name, folder / name)
        run(["npm", "ci", "--ignore-scripts"], cwd=folder, env=_tools_env())
        shutil.rmtree(folder / "node_modules")
        stamp.write_text(wanted)


def _tools_env() -> dict[str, str]:
    return base_env(shelf()) | npm_env()


def sshd_program() -> tuple[Path, dict[str, str]]:
    """Return an sshd and the variables it needs, unpacking Debian's package when there is none."""
    for place in map(Path, SSHD_PLACES):
        if os.access(place, os.X_OK):
            return place, {}
    program = debian_program("sshd", SSHD_PACKAGES, "usr/sbin/sshd")
    folder = shelf() / "sshd"
    libraries = ":".join(sorted({str(path.parent) for path in folder.rglob("*.so.*")}))
    return program, {"LD_LIBRARY_PATH": libraries}


def debian_program(name: str, packages: Iterable[str], path: str) -> Path:
    """Return a program out of Debian's packages, which are unpacked and not installed."""
    with _alone(name) as folder:
        if not (program := folder / path).exists():
            _unpack(folder, tuple(packages))
        return program


def _unpack(folder: Path, packages: tuple[str, ...]) -> None:
    downloads = folder / "packages"
    downloads.mkdir(parents=True, exist_ok=True)
    try:
        run(["apt-get", "download", *packages], cwd=downloads)
        for package in downloads.glob("*.deb"):
            run(["dpkg", "-x", package, folder])
    except (FileNotFoundError, SandboxError) as error:
        hint = f"this needs a program of Debian's; try: sudo apt-get install {packages[0]}"
        raise SandboxError(f"{hint}\n{error}") from error
