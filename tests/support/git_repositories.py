"""Real repositories for the programs that ask git, and an account with every setting."""

from __future__ import annotations

import json
import os
import subprocess
from hashlib import sha1

from mantodeus_ops.git.git_commands import fetch
from tests.support.project_dir import Project

WHO = {f"GIT_{who}_{what}": "me" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
# Whatever of this runs a program leaves a mark; the rest changes what git prints, keeps or takes.
CONFIG = """
[color]
  ui = always
  diff = always
  status = always
  branch = always
[core]
  pager = {mark}
  fsmonitor = {mark}
  hooksPath = {hooks}
  quotePath = true
  abbrev = 4
  safecrlf = true
  attributesFile = {attributes}
  excludesFile = {excludes}
[diff]
  external = {mark}
  noprefix = true
  mnemonicPrefix = true
  renames = copies
  relative = true
  submodule = log
  orderFile = /nowhere
  suppressBlankEmpty = true
  ignoreSubmodules = all
  context = 0
[diff "evil"]
  command = {mark}
  textconv = {mark}
[status]
  short = true
  branch = true
  showStash = true
  renames = copies
  showUntrackedFiles = no
[log]
  showSignature = true
  decorate = full
  date = relative
[gpg]
  program = {mark}
[i18n]
  logOutputEncoding = latin1
[format]
  pretty = fuller
[apply]
  whitespace = error
  ignoreWhitespace = change
[grep]
  patternType = fixed
[submodule]
  recurse = true
[alias]
  status = !{mark}
"""


def git(folder, *words, **more):
    """Run git in a folder, without any configuration of the account; return what it prints."""
    env = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "GIT_CONFIG_NOSYSTEM": "1", **WHO}
    argv = ["git", "-C", str(folder), *words]
    done = subprocess.run(argv, env=env, capture_output=True, check=True, **more)
    return done.stdout.decode().strip()


def commit(folder, message="Change", **files):
    """Commit these files; return the revision."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def origin(folder, **files):
    """Return the address of a repository with these files; `_` in a name stands for a dot."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "First", **{name.replace("_", "."): text for name, text in files.items()})
    return str(folder)


class Cloned:
    """A project whose remote is a bare repository, which takes every name."""

    def __init__(self, place, /, **files):
        self.project = Project(place / "host", path=os.environ["PATH"])
        self.root = self.project.root
        self.bare, self.work = place / "origin.git", place / "work"
        git(place, "init", "-q", "--bare", "-b", "main", self.bare)
        git(place, "init", "-q", "-b", "main", self.work)
        git(self.work, "remote", "add", "origin", self.bare)
        self.first = commit(self.work, "First", **files)
        git(self.work, "push", "-q", "origin", "main")
        git(self.root, "init", "-q", "-b", "main")
        git(self.root, "remote", "add", "origin", self.bare)
        git(self.root, "fetch", "-q", "origin")
        git(self.root, "checkout", "-q", "main")
        git(self.root, "remote", "set-head", "origin", "main")
        (self.root / ".git/info").mkdir(exist_ok=True)
        (self.root / ".git/info/exclude").write_text("/.deploy/\n/backups/\n")

    def push(self, message="Change", *, branch="main", **files):
        """Commit these files and push them; return the revision."""
        revision = commit(self.work, message, **files)
        git(self.work, "push", "-q", "--force", "origin", f"HEAD:refs/heads/{branch}")
        return revision

    def name(self, ref, revision):
        """Give a revision a name at the remote, as an origin does that takes every name."""
        git(self.work, "push", "-q", "origin", f"+{revision}:refs/ops/kept")
        git(self.bare, "update-ref", ref, revision)

    def fetch(self):
        """Fetch as a deploy does."""
        command = fetch(str(self.root))
        env = {**os.environ, **command.env}
        subprocess.run(command.argv, cwd=command.cwd, env=env, check=True, capture_output=True)

    def target(self, ref, **more):
        """Return what is told of a ref, or why it is refused."""
        told = {
            "job": "",
            "ref": ref,
            "dry": False,
            "ecosystem": "",
            "measure": [],
            "build_outputs": [],
            "branch": "main",
        }
        done = self.project.run(
            "deploy/resolve_ref", **{**told, "env_example": ".env.example", **more}
        )
        return json.loads(done.out)


def hostile_home(place):
    """Return a home whose git is set up in every way, and the mark of a program that it ran."""
    home, mark, hooks = place / "home", place / "mark", place / "home/hooks"
    hooks.mkdir(parents=True)
    program = home / "program"
    program.write_text(f"#!/bin/sh\necho ran >>{mark}\nexit 0\n")
    program.chmod(0o755)
    for name in ("post-checkout", "post-index-change", "reference-transaction"):
        (hooks / name).symlink_to(program)
    (home / "attributes").write_text("* diff=evil\n")
    (home / "excludes").write_text("*.txt\n")
    told = {name: home / name for name in ("hooks", "attributes", "excludes")}
    (home / ".gitconfig").write_text(CONFIG.format(mark=program, **told))
    return home, mark


def twins(folder, digits=7):
    """Make two commits whose revisions begin with the same digits; return both."""
    tree = git(folder, "rev-parse", "HEAD^{tree}")
    seen = {}
    for number in range(1 << 20):
        text = f"tree {tree}\nauthor a <a> {number} +0000\ncommitter a <a> 0 +0000\n\nx\n".encode()
        name = sha1(b"commit %d\0" % len(text) + text, usedforsecurity=False).hexdigest()[:digits]
        if name in seen:
            words = ("hash-object", "-t", "commit", "-w", "--stdin")
            return [git(folder, *words, input=one) for one in (seen[name], text)]
        seen[name] = text
    raise AssertionError
