"""Logins of other people: their umask, their language, their noise, their folders on PATH."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults.faults import Strike, Struck, ended
from tests.faults.operations import Task
from tests.faults.place import Place

FAKE = "#!/bin/sh\\necho fake\\nexit 9\\n"
ALIASES = "alias node=false git=false mv=false cat=false rm=false"
FUNCTIONS = "node() { false; }; git() { false; }"
FOLDER = f"mkdir -p ~/fake; for one in ls date sed awk; do printf '{FAKE}' >~/fake/$one; done"
FOLDER += "; chmod +x ~/fake/*"
# What stands in .bashrc, which bash reads for every command over SSH.
LOGINS: Mapping[str, str] = {
    "umask 000": "umask 000",
    "umask 777": "umask 777",
    "noise on stdout": "printf 'Welcome!\\n[{\"fake\": 1}]\\n\\036rc=0\\n'",
    "noise on stderr": "printf 'Welcome!\\n\\036rc=0\\n' >&2",
    "noise without an end": "printf 'no newline'",
    "an alias for everything": f"shopt -s expand_aliases; {ALIASES}",
    "a function for everything": f"{FUNCTIONS}; cd() {{ builtin cd /; }}; export -f git node cd",
    "set -eu": "set -eu",
    "a trap": "trap 'echo bye' EXIT",
    "Turkish": "export LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8",
    "no such locale": "export LANG=xx_XX LC_ALL=xx_XX.KOI8-R",
    "C": "export LANG=C LC_ALL=C",
    "an empty PATH": "export PATH=",
    "folders first on PATH": f"{FOLDER}; export PATH=~/fake:$PATH",
    "a dot on PATH": "export PATH=.:$PATH",
    "NODE_OPTIONS": "export NODE_OPTIONS=--no-warnings",
    "BASH_ENV": "echo 'echo noise' >~/noise.sh; export BASH_ENV=~/noise.sh ENV=~/noise.sh",
    "CDPATH": "export CDPATH=/:/usr:/tmp TAR_OPTIONS=-v GREP_OPTIONS=--color=always",
    "GIT_DIR": "export GIT_DIR=/nowhere GIT_WORK_TREE=/nowhere",
    "TMPDIR nowhere": "export TMPDIR=/nowhere",
    "IFS": "IFS=/; export IFS",
    "few processes": "ulimit -u 12000",
    "few files": "ulimit -n 64",
    "proxies": "export http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1",
}


def login(name: str) -> Strike:
    """Return what lets an operation meet this login."""

    def strike(place: Place, task: Task) -> Struck:
        file = place.machine.home / ".bashrc"
        file.write_text(f"{LOGINS[name]}\n")
        try:
            done = place.run(place.fab("manager", *task.words), task.stdin)
        finally:
            file.unlink()
        return ended(done.returncode, done.stdout + done.stderr)

    return strike
