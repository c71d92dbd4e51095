"""Ten faults planted in the code, one at a time, each of which the harness must catch.

As in: python -m tests.faults.mutations; prints which were caught, and ends with 1 when one was not.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sandbox.commands import CHECKOUT

LOST = '"survived": false'


@dataclass(frozen=True, slots=True)
class Mutation:
    """A fault in the code: its file, the text that is replaced and by what, and what finds it."""

    file: str
    old: str
    new: str
    faults: str  # words for python -m tests.faults


MUTATIONS = (
    Mutation(  # a commit that fails half-way does not go back
        "mantodeus_ops/transaction/scripts/revert.js",
        "if (!changesState())\n    return conclude(",
        "if (true)\n    return conclude(",
        "--only error --operation deploy --match node.rename.*site/(dist|node_modules)$",
    ),
    Mutation(  # .env is written in place, and a kill tears it
        "mantodeus_ops/env/scripts/write_env.js",
        "fs.renameSync(ready, place);",
        "fs.writeFileSync(place, bytes);",
        "--only kill --operation env.set --match node.write.*site/\\.env$",
    ),
    Mutation(  # what was interrupted is not recovered
        "mantodeus_ops/transaction/scripts/journal.js",
        "if (record.step === 'begin')\n",
        "if (record.step === 'never')\n",
        "--only kill --operation deploy --match node.rename.*site/(dist|node_modules)$",
    ),
    Mutation(  # a dead holder counts as alive
        "mantodeus_ops/transaction/scripts/lock.js",
        "record.started)) return jobs ? 'orphaned' : 'dead';",
        "record.started)) return jobs ? 'orphaned' : 'held';",
        "--only kill --operation backup --match node.mkdir.*partial",
    ),
    Mutation(  # half a backup stays for ever
        "mantodeus_ops/backup/scripts/create.js",
        "  sweepPartial();\n  listed",
        "  listed",
        "--only kill --operation backup --match node.(fsync|rename).*backups/",
    ),
    Mutation(  # one output is forgotten on the way back
        "mantodeus_ops/transaction/scripts/revert.js",
        "swapBack(params.run, early(names, from), from.had);",
        "swapBack(params.run, early(names, from).slice(1), from.had);",
        "--only kill --operation deploy --match git.write.*site/\\.git/HEAD.lock",
    ),
    Mutation(  # a stage that git had only begun stays
        "mantodeus_ops/git/scripts/git_locks.js",
        "        ...begunStages(directory),\n",
        "",
        "--only kill --operation deploy --match git.write.*worktrees/stag.*/(HEAD.lock|commondir)",
    ),
    Mutation(  # a full disk is not noticed
        "mantodeus_ops/remote/scripts/files.js",
        "at += fs.writeSync(handle, bytes, at, bytes.length - at);",
        "{ try { at += fs.writeSync(handle, bytes, at, bytes.length - at); }"
        " catch { at = bytes.length; } }",
        "--only full --operation env.set --match node.write.*deploy/env/",
    ),
    Mutation(  # the lock is not given back
        "mantodeus_ops/transaction/scripts/lock_command.js",
        "release: () => ({ done: rewrite(params.record.token, { kind: 'free' }, pid) }),",
        "release: () => ({ done: true }),",
        "--only clock --operation backup --every 6",
    ),
    Mutation(  # the lock lets two in
        "mantodeus_ops/transaction/scripts/lock.js",
        "const verdict = judge(record);\n  if (verdict === 'free'",
        "const verdict = judge(record);\n  if (Math.random() < 0.5 || verdict === 'free'",
        "--only race --operation backup --every 10",
    ),
)


def caught(mutation: Mutation, place: Path) -> tuple[bool, str]:
    """Plant it in a copy of this checkout; return whether the harness catches it, and its words."""
    copy = place / "checkout"
    shutil.copytree(CHECKOUT, copy, ignore=shutil.ignore_patterns(".*_cache", "__pycache__"))
    file = copy / mutation.file
    text = file.read_text()
    assert text.count(mutation.old) == 1, mutation
    file.write_text(text.replace(mutation.old, mutation.new))
    record, said = place / "record", place / "said"
    record.touch()
    argv = [sys.executable, "-m", "tests.faults", "--record", str(record), *mutation.faults.split()]
    with said.open("w") as log:
        running = subprocess.Popen(
            argv, cwd=copy, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    while running.poll() is None:
        if LOST in record.read_text():
            os.killpg(running.pid, signal.SIGINT)  # and it ends its sandboxes
            running.wait()
        time.sleep(0.5)
    return LOST in record.read_text(), said.read_text()


def main() -> int:
    """Plant each of them, or those whose numbers are told; return 1 when one was not caught."""
    wanted = [int(word) for word in sys.argv[1:]] or range(1, len(MUTATIONS) + 1)
    missed = 0
    for number in wanted:
        mutation = MUTATIONS[number - 1]
        with tempfile.TemporaryDirectory() as folder:
            found, said = caught(mutation, Path(folder))
        missed += not found
        word = "caught" if found else f"MISSED\n{said[-3000:]}"
        print(number, mutation.file, word, flush=True)  # noqa: T201 - its result
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
