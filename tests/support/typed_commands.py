"""Every command that README and docs/ say to type, and the test that types it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.doc_pages import CHECKOUT, blocks, command

# In the order in which they are read: what a page says to type needs what those before it did.
FIRST = (
    *("README.md", "docs/getting-started.md", "docs/backups.md", "docs/env.md"),
    *("docs/monitoring.md", "docs/webhook.md", "docs/ssh.md", "docs/fleets.md"),
)
ALL = {str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "docs").rglob("*.md")}
PAGES = (*FIRST, *sorted(ALL - {*FIRST}))
# Their commands are the examples of `--help`, which tests/test_docs.py reads there.
GENERATED = ("docs/tasks.md", "docs/inventory.md")
READ = [page for page in PAGES if page not in GENERATED]
# Headings whose blocks a test plays as a whole, each in a situation made for it.
PLAYED = {
    "Application down": "tests/e2e/test_emergency.py",
    "Deployment failed": "tests/e2e/test_emergency.py",
    "Roll back by hand": "tests/e2e/test_emergency.py",
    "Database connection lost": "tests/e2e/test_emergency.py",
    "Disk space full": "tests/e2e/test_emergency.py",
    "In a shell script": "tests/e2e/test_recipes.py",
    "From cron": "tests/e2e/test_recipes.py",
    "In GitHub Actions": "tests/e2e/test_recipes.py",
}
# Lines that no test types, and why.
NOT_TYPED = {
    "make demo": "takes a minute; what it does is what the end-to-end tests do",
    "make demo-stop": "see make demo",
    "make test": "runs this very suite",
    "make test-all": "see make test",
    "uv tool install .": "tests/test_wheel.py installs the wheel with pip, as uv does",
    "pipx install .": "see uv",
    "python3 -m venv ~/.mantodeus-ops && ~/.mantodeus-ops/bin/pip install .": "tests/test_wheel.py "
    "does both with the wheel",
    "mkdir ops && cd ops": "a folder to work in",
    "mantodeus-ops init": "tests/test_wheel.py runs it",
    "mantodeus-ops init --detect ~/code/my-app": "tests/test_program.py runs it",
    "$EDITOR inventory/hosts.toml": "a person's",
    'ln -s "$(command -v mantodeus-ops)" ~/.local/bin/fab': "tests/test_wheel.py makes this link",
    'ln -s "$(command -v mantodeus-ops)" ~/.local/bin/inv': "tests/test_wheel.py makes this link",
    "fab -H manager ssh.install": "asks for a password, which no sshd of an ordinary account can "
    "check; tests/ssh/test_keys_install.py sends one, tests/e2e/test_keys.py goes by --login",
    "source <(mantodeus-ops completion bash)": "tests/test_wheel.py prints it, "
    "tests/test_completion.py sources it",
    "mantodeus-ops completion fish | source": "see the line for bash",
    "source completion/mantodeus-ops.bash": "tests/test_completion.py sources it",
    "fab -H NAME -- command": "Fabric's own, outside of this tool; the page says so",
    "inv backup.push FILE": "tests/e2e/test_copies.py runs it with an archive of the old scripts",
}
_PLACEHOLDER = re.compile(r"\bTASK\b|^fab -H \w+$|…/")


@dataclass(frozen=True)
class Typed:
    """A command as it stands on a page, under a heading."""

    page: str
    heading: str
    line: str

    @property
    def task(self) -> str:
        """Return it without its program and host: `inv` here is `fab -H manager` from elsewhere."""
        return re.sub(r"^(?:fab -H manager|inv) ", "", self.line)


def in_blocks(*languages: str) -> Iterator[Typed]:
    """Yield each line of the code blocks in no language but these, in the order of the pages."""
    for page in READ:
        for block in blocks(page):
            if block.language in {"", *languages}:
                lines = (command(line) for line in block.lines)
                yield from (Typed(page, block.heading, line) for line in lines if line)


def in_texts() -> Iterator[Typed]:
    """Yield each command between backticks, in the order of the pages."""
    for page in READ:
        text = (CHECKOUT / page).read_text()
        for line in re.findall(r"`((?:fab|inv|mantodeus-ops) [^`\n]+|source [^`\n]+)`", text):
            if not _PLACEHOLDER.search(line):
                yield Typed(page, "", line)


def to_type() -> list[Typed]:
    """Return what is left to type: each line of the other blocks, then what only texts say."""
    left = [one for one in in_blocks() if one.heading not in PLAYED and one.line not in NOT_TYPED]
    known = {one.task for one in in_blocks()} | set(NOT_TYPED)
    for one in in_texts():
        if not {one.task, one.line} & known:
            left.append(one)
            known.add(one.task)
    return left
