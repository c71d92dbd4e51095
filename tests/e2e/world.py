"""One sandbox behind one door; every answer that comes out of it is held against the contract."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import Machine, Sandbox
from tests.e2e.watched import Watched

COMMON = {"task", "host", "ok", "status", "exit_code", "seconds"}
DEPLOYED = {"revision", "previous_revision", "backup", "rolled_back", "steps", "health"}
CRONTAB = """\
#!/bin/bash
if [ "$1" = -l ]; then exec cat {file}; fi
exec cat >{file}
"""
CHANGED = {"git_pull", "build", "restart"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to."""

    code: int
    rows: list[dict[str, Any]]
    err: str

    @property
    def row(self) -> dict[str, Any]:
        """Return the only row."""
        assert len(self.rows) == 1, self
        return self.rows[0]

    @property
    def error(self) -> str:
        """Return what went wrong, and what to type."""
        return f"{self.row['error']} | {self.row['hint']}"

    def steps(self) -> dict[str, str]:
        """Return how each step ended."""
        return {step["name"]: step["status"] for step in self.row["steps"]}


class World:
    """A sandbox, and the door through which everything is asked: `fab` over SSH, or `inv` on it."""

    def __init__(self, box: Sandbox, door: str) -> None:
        self.box = box
        self.door = door
        self.name = {"fab": "manager", "inv": "here"}[door]
        self.machine: Machine = box.manager
        self.project: Path = box.manager.project_dir
        self._releases = 0
        self._running: list[Watched] = []
        self._own_programs()

    def _own_programs(self) -> None:
        """Keep the account's real crontab out of this: the world has one of its own."""
        self.programs = self.box.root / "programs"
        self.programs.mkdir()
        program = self.programs / "crontab"
        program.write_text(CRONTAB.format(file=self.crontab))
        program.chmod(0o755)
        self.box.defaults["path"] = [str(self.programs)]
        self.box.write_inventory()

    @property
    def crontab(self) -> Path:
        """Return the file that the world's crontab keeps."""
        return self.box.root / "crontab.txt"

    def argv(self, *task: str) -> tuple[str, ...]:
        """Return the command line of a task, with JSON wanted."""
        return (*(("-H", self.name) if self.door == "fab" else ()), *task, "--json")

    def run(self, *task: str, code: int = 0, stdin: str = "", timeout: float = 120) -> Answer:
        """Run a task, insist on its exit code, and return what it answered."""
        ask = self.box.fab if self.door == "fab" else self.box.inv
        done = ask(*self.argv(*task), stdin=stdin, timeout=timeout)
        return self.judged(done.returncode, done.stdout, done.stderr, code)

    def on(self, hosts: str, *task: str, code: int = 0) -> Answer:
        """Run a task on several hosts over SSH."""
        done = self.box.fab("-H", hosts, *task, "--json")
        return self.judged(done.returncode, done.stdout, done.stderr, code)

    def spawn(self, *task: str, **env: str) -> Watched:
        """Start a task and return at once."""
        self._running.append(Watched(self, self.box.spawn(self.door, *self.argv(*task), **env)))
        return self._running[-1]

    def judged(self, code: int, out: str, err: str, wanted: int) -> Answer:
        """Return the answer, after holding it against the contract."""
        for value in self.secret_values():
            assert value not in out + err
        answer = Answer(code, [json.loads(line) for line in out.splitlines()], err)
        assert code == wanted, f"exit {code}, not {wanted}\n{out}\n{err[-3000:]}"
        assert answer.rows, f"no row for exit {code}\n{err[-3000:]}"
        assert code == max(row["exit_code"] for row in answer.rows)
        for row in answer.rows:
            hold_against_contract(row)
        return answer

    def secret_values(self) -> set[str]:
        """Return every canary, and the password inside the address of the database."""
        machines = self.box.machines.values()
        values = {value for machine in machines for value in machine.secrets.values()}
        return values | {value.split(":")[2].split("@")[0] for value in values if "@" in value}

    def release(self, files: Mapping[str, str | None] | None = None, **behaviour: object) -> str:
        """Release a new version with these files, well-behaved unless told otherwise."""
        self._releases += 1
        changed = {"behaviour.json": f"{json.dumps(behaviour)}\n", "NEWS": f"{self._releases}\n"}
        return self.box.origin.release({**changed, **(files or {})}, f"Release {self._releases}")

    def serves(self, revision: str) -> bool:
        """Return whether page, process and work tree all are this one revision."""
        process = self.machine.health().get("revision")
        seen = (self.machine.page(), process, self.git("rev-parse", "HEAD"))
        assert seen == (revision,) * 3, f"{seen}, not {revision}"
        return True

    def git(self, *args: str) -> str:
        """Run git in the project on the host."""
        argv = ["git", "-C", str(self.project), *args]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()

    @contextmanager
    def settings(self, **more: Any) -> Iterator[None]:
        """Change the inventory for the time of the block."""
        before = dict(self.box.hosts[self.name])
        self.box.hosts[self.name] = {**before, **more}
        self.box.write_inventory()
        try:
            yield
        finally:
            self.box.hosts[self.name] = before
            self.box.write_inventory()

    @contextmanager
    def shims(self, **scripts: str) -> Iterator[Path]:
        """Put programs first on the host's PATH; `$REAL` in their text is the program they hide."""
        folder = self.box.root / f"shims-{secrets.token_hex(3)}"
        folder.mkdir()
        for name, text in scripts.items():
            real = f"REAL=$(type -aP {name} | grep -v '^{folder}/' | head -n 1)"
            (folder / name).write_text(f"#!/bin/bash\n{real}\n{text}\n")
            (folder / name).chmod(0o755)
        with self.settings(path=[str(folder), str(self.programs)]):
            yield folder

    def end(self) -> None:
        """End everything that runs here."""
        self._kill()
        self.box.stop()

    def _kill(self) -> None:
        while self._running:
            self._running.pop().kill()

    def reset(self) -> None:
        """Take back what a test may have left: commands under way, edits on the host."""
        self._kill()
        if (self.project / ".git").exists():
            self.git("checkout", "-q", "--force")
            self.git("clean", "-fdq")


def hold_against_contract(row: Mapping[str, Any]) -> None:
    """Insist on what every JSON object has."""
    assert set(row) >= COMMON, row
    assert row["ok"] is (row["exit_code"] == 0), row
    assert row["seconds"] >= 0, row
    assert ("error" in row) is not row["ok"], row
    assert ("hint" in row) is not row["ok"], row
    if row["ok"] and row["task"] in {"deploy", "setup"}:
        assert row["status"] in {"success", "unchanged"}, row
        assert set(row) >= DEPLOYED | (set() if "plan" in row else CHANGED), row
