"""Programs that a sandbox runs, and the environment that they get."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PASSED_ON = re.compile(
    r"(?i:npm_config_.+|https?_proxy|no_proxy|all_proxy)"
    r"|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|COVERAGE_PROCESS_CONFIG"
)
TERMINAL = ("TERM", "NO_COLOR", "COLUMNS")
USUAL_FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin")


class SandboxError(Exception):
    """The sandbox itself could not do its part; the text says what to do."""


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    timeout: float = 300,
) -> str:
    """Run a program of the sandbox; return its stdout, raise SandboxError when it fails."""
    done = subprocess.run(
        argv,
        cwd=cwd,
        env=env,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        command = " ".join(map(str, argv))
        raise SandboxError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def network_env() -> dict[str, str]:
    """Return the caller's variables that say how registries are reached."""
    return {key: value for key, value in os.environ.items() if PASSED_ON.fullmatch(key)}


def terminal_env() -> dict[str, str]:
    """Return the caller's variables that say how output may look."""
    return {key: os.environ[key] for key in TERMINAL if key in os.environ}


def search_path(*first: Path) -> str:
    """Return a PATH: these folders, the folders of node and git, then the usual ones."""
    found = [shutil.which(program) for program in ("node", "git")]
    folders = [*map(str, first), *(str(Path(path).parent) for path in found if path)]
    return ":".join(dict.fromkeys([*folders, *USUAL_FOLDERS]))


def base_env(home: Path, *first: Path) -> dict[str, str]:
    """Return the environment of a process that lives in this home and nowhere else."""
    return network_env() | {"HOME": str(home), "PATH": search_path(*first)}
