"""An app's directory, and the host's programs run in it directly: no SSH, no PM2, no job."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from mantodeus_ops.remote.programs import node_program
from tests.support.node_snippets import with_snippet

PARTS = ("dist", "node_modules", "package-lock.json", ".env")
TOOLS = ("node", "mkfifo", "timeout", "sync", "nice", "rm", "git", "sh")
REFUSED = 94
ABOUT = {
    "revision": "a" * 40,
    "branch": "main",
    "reason": "test",
    "verdict": "good",
    "live": None,
    "tool": "0",
}


def need(*programs):
    """Skip the test where one of these programs is missing."""
    for program in programs:
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed: root's sandbox/as-account installs it")


def tools(directory, *programs, **fakes):
    """Make a directory to be the whole PATH: what the programs run, these, and these fakes."""
    directory.mkdir(parents=True)
    for name in (*TOOLS, *programs):
        if found := shutil.which(name):
            (directory / name).symlink_to(found)
    for name, text in fakes.items():
        (directory / name).write_text(f"#!/bin/sh\nPATH={os.environ['PATH']}\n{text}\n")
        (directory / name).chmod(0o755)
    return directory


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it left for who started it."""

    code: int
    out: str
    result: dict

    @property
    def said(self):
        """Return what it said to a person."""
        return [line for line in self.out.split("\n") if line and line[0] != "\x1e"]


class Project:
    """A project directory below `place`, which this class makes and fills when told to."""

    def __init__(self, place, path=None):
        self.place = Path(place)
        self.root = self.place / "project"
        self.backups = self.root / "backups"
        self.restored = self.root / ".deploy/restore"
        self.job = self.root / ".deploy/jobs/test"
        self.path = path or tools(self.place / "bin")
        self.home = "/"
        self.job.mkdir(parents=True, exist_ok=True)

    def fill(self, **more):
        """Make a small app."""
        files = {
            "dist/index.js": "serve()\n",
            "dist/deep/page.html": "<p>hello\n" * 40,
            "node_modules/one/index.js": "one()\n",
            "package-lock.json": "{}\n",
            ".env": "SECRET=1\n",
            **more,
        }
        for name, text in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (self.root / "dist/link").symlink_to("index.js")
        return self

    def text(self, program, after=""):
        """Return the file that holds a program, with more of it behind."""
        file = self.place / f"{program.replace('/', '-')}.cjs"
        file.write_text(with_snippet(program, after) if after else node_program(program))
        return file

    def params(self, **more):
        """Return what a program is told here."""
        told = {"project_dir": str(self.root), "backup_dir": "backups", "env_file": ".env"}
        return {**told, "job": "test", "paths": list(PARTS), "about": ABOUT, **more}

    def run(self, program, *, before=(), node=(), umask=0o022, after="", **params):
        """Run a program: `before` are words in front of node, `node` are options for it."""
        told, result = self.place / "params.json", self.job / "result.json"
        told.write_text(json.dumps(self.params(**params)))
        if result.exists():
            result.unlink()
        first = [shutil.which(before[0]), *before[1:]] if before else []
        argv = [*first, shutil.which("node"), *node, str(self.text(program, after))]
        with told.open("rb") as file:
            env = {"PATH": str(self.path), "HOME": str(self.home)}
            env["OPS_PARAMS_FD"] = str(file.fileno())
            done = subprocess.run(
                argv,
                env=env,
                cwd=self.place,
                umask=umask,
                pass_fds=[file.fileno()],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
        found = json.loads(result.read_text()) if result.exists() else {}
        return Ended(done.returncode, done.stdout.decode(errors="replace"), found)

    def backup(self, **more):
        """Make a backup; return its manifest."""
        done = self.run("backup/create", **more)
        assert done.code == 0, done.out
        return self.manifest(done.result["name"])

    def restore(self, name, **more):
        """Unpack a backup beside the app, all of it when nothing else is wanted."""
        return self.run(
            "backup/restore", **{"name": name, "wanted": PARTS, "places": PARTS, **more}
        )

    def verify(self, *names):
        """Return what is said of each backup, by its name."""
        done = self.run("backup/verify", names=names, places=PARTS)
        assert done.code == 0, done.out
        return {one["name"]: one for one in done.result["results"]}

    def listed(self):
        """Return the manifests of all that is listed, newest first, as an op gets them."""
        done = self.run("transaction/record", list=True)
        assert done.code == 0, done.out
        return json.loads(done.out.rstrip("\n").rpartition("\n")[2])["backups"]

    def archive(self, name):
        """Return where a backup's bytes are."""
        return self.backups / f"{name}.tar.gz"

    def manifest(self, name):
        """Return what a backup's manifest says."""
        return json.loads((self.backups / f"{name}.json").read_text())

    def rewrite(self, name, /, **change):
        """Change what a manifest says."""
        told = {**self.manifest(name), **change}
        (self.backups / f"{name}.json").write_text(json.dumps(told))

    def bytes(self):
        """Return the bytes of every file in the directory of backups, by name."""
        return {file.name: file.read_bytes() for file in self.backups.iterdir() if file.is_file()}

    def clean(self):
        """Return whether nothing is left where a restore unpacks."""
        return not self.restored.exists() or not any(self.restored.iterdir())
