"""The clone of an app on a host of the model."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path


class Repository:
    """A clone whose revisions hold one file of code."""

    project: Path
    moved = 0.0

    def git(self, *argv: str, text: str = "") -> str:
        """Return what git says here."""
        who = ("-c", "user.name=one", "-c", "user.email=one@example.org")
        done = subprocess.run(
            ["git", *who, *argv],
            check=False,
            cwd=self.project,
            input=text,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, text: str) -> str:
        """Return a new revision whose code is this text."""
        blob = self.git("hash-object", "-w", "--stdin", text=text)
        tree = self.git("mktree", text=f"100644 blob {blob}\tserver.js\n")
        return self.git("commit-tree", "-m", text, tree)

    def checkout(self, revision: str) -> None:
        """Put the work tree to a revision."""
        self.git("checkout", "-q", "--force", "--detach", revision)
        self.moved = time.time()
