"""Package managers out of the registry, each installed once for an account."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.commands import run
from sandbox.shelf import _alone, _tools_env


def programs_of(package: str) -> Path:
    """Return the folder with the programs of a package such as `pnpm@10`."""
    with _alone(re.sub(r"\W+", "-", package).strip("-")) as folder:
        programs = folder / "node_modules" / ".bin"
        if not programs.exists():
            folder.mkdir(exist_ok=True)
            (folder / "package.json").write_text('{"private": true}\n')
            run(["npm", "install", "--silent", package], cwd=folder, env=_tools_env())
        return programs
