"""Runs programs of the host on a project in one process, many in a second."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.support.node_snippets import with_snippet

DRIVER = Path(__file__).with_name("driver.js")
PATHS = ["dist", "node_modules", "package-lock.json", ".env"]
_ALSO = {"transaction/verify_activation": ("transaction/replaced_state", "transaction/swap")}
DATA = "dist/data"  # what the app writes and no version brought
JOBS = {"backup/create", "backup/restore"}


class Programs:
    """The programs of the host, run on one project."""

    def __init__(self, project: Path) -> None:
        self.project, self.shift = project, 0.0
        self.settings: dict[str, Any] = {"paths": PATHS, "places": PATHS, "build_outputs": ["dist"]}
        self._driver = subprocess.Popen(
            ["node", DRIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._texts: dict[str, str] = {}

    def close(self) -> None:
        """End the process in which the programs run."""
        assert self._driver.stdin
        self._driver.stdin.close()
        self._driver.wait(10)

    def call(self, program: str, more: str = "", **params: Any) -> dict[str, Any]:
        """Return how a program ended: its code, what it said, what it answered."""
        assert self._driver.stdin
        assert self._driver.stdout
        told = {"project_dir": str(self.project), "backup_dir": "backups", "env_file": ".env"}
        told |= {**self.settings, **params}
        if program in JOBS:
            told["job"] = f"{program.replace('/', '-')}-1"
        text = self._text_of(program) + (more or "return runMain(main);")
        asked = {"text": text, "params": told, "shift": self.shift}
        self._driver.stdin.write(json.dumps(asked) + "\n")
        self._driver.stdin.flush()
        return dict(json.loads(self._driver.stdout.readline()))

    def ask(self, program: str, more: str = "", **params: Any) -> Any:
        """Return what a program answered; it must not fail."""
        done = self.call(program, more, **params)
        assert done["code"] == 0, done["said"]
        return done["answer"]

    def _text_of(self, program: str) -> str:
        if program not in self._texts:
            self._texts[program] = with_snippet(program, "", *_ALSO.get(program, ()))
        return self._texts[program]
