"""The app's git repository: a bare one to deploy from, and a clone to make releases in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from .commands import base_env, run
from .shelf import APP

AUTHOR = ("-c", "user.name=Sandbox", "-c", "user.email=sandbox@localhost")
NOT_SOURCE = shutil.ignore_patterns("node_modules", "dist", ".env", "backups", "logs")


class Origin:
    """Holds `origin.git`, which hosts fetch from, and `work`, which releases come from."""

    def __init__(self, root: Path) -> None:
        self.bare = root / "origin.git"
        self.work = root / "work"
        self._env = base_env(root) | {"GIT_CONFIG_NOSYSTEM": "1"}

    def create(self) -> str:
        """Make both from the sandbox's app; return the first revision."""
        run(["git", "init", "-q", "--bare", "-b", "main", self.bare], env=self._env)
        shutil.copytree(APP, self.work, ignore=NOT_SOURCE)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", str(self.bare))
        return self.release({}, "First release")

    def git(self, *args: str) -> str:
        """Run git in the work clone; return its stdout without the last line end."""
        return run(["git", *AUTHOR, *args], cwd=self.work, env=self._env).rstrip("\n")

    def release(self, files: Mapping[str, str | None], message: str, branch: str = "main") -> str:
        """Commit and push these files (None removes one); return the new revision."""
        for name, text in files.items():
            self._change(self.work / name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        self.git("push", "-q", "origin", f"HEAD:{branch}")
        return self.revision()

    @staticmethod
    def _change(path: Path, text: str | None) -> None:
        if text is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def behave(self, message: str = "", **behaviour: object) -> str:
        """Release an app that behaves like this (see README.md); return the revision."""
        text = json.dumps(behaviour)
        return self.release({"behaviour.json": f"{text}\n"}, message or f"Behave: {text}")

    def force_push(self, files: Mapping[str, str | None], message: str) -> str:
        """Replace the newest commit on the branch by another one; return its revision."""
        for name, text in files.items():
            self._change(self.work / name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "--amend", "-m", message)
        self.git("push", "-q", "--force", "origin", "HEAD:main")
        return self.revision()

    def tag(self, name: str, ref: str = "HEAD") -> str:
        """Push a tag; return the revision that it names."""
        self.git("tag", name, ref)
        self.git("push", "-q", "origin", f"refs/tags/{name}")
        return self.revision(name)

    def revision(self, ref: str = "HEAD") -> str:
        """Return the full revision of a ref in the work clone."""
        return self.git("rev-parse", f"{ref}^{{commit}}")
