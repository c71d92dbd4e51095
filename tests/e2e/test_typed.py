"""Each command of README and docs/ that no other test plays, word for word, at a terminal.

They are typed in the order of the pages, on one sandbox, each upon what those before it left.
What a page calls by a made-up name (`colleague.pub`, a backup's date) is there by that name, or
the sandbox's own stands in its place.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mantodeus_ops.webhook.github_events import ACCEPTED
from sandbox import Sandbox
from sandbox.box import PROGRAMS
from sandbox.commands import CHECKOUT
from sandbox.openssh import free_port, make_key
from tests.e2e.hooked import Hooked
from tests.e2e.typist import Typist
from tests.e2e.world import World
from tests.support.typed_commands import to_type

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("typed")]

EXAMPLE = """\
PORT={port}
DATABASE_URL=postgres://manager@127.0.0.1:{database}/manager
JWT_SECRET=change-me
"""
GROUPS = '\n[groups.web]\nhosts = ["manager", "web2"]\n[groups.production]\nhosts = ["manager"]\n'
SECONDS = {"--follow": 8, "monitor.watch": 12}  # what goes on is watched so long, and ended
NEW = re.compile(r"\bdeploy\b(?![.-])")
LINES = to_type()
# The first one stops at the variable that the example cannot know.
STOPS = next(number for number, one in enumerate(LINES) if one.task == "deploy.setup")


class Desk:
    """A person with an inventory, two hosts, and nothing done yet."""

    def __init__(self, box: Sandbox, database: int) -> None:
        self.box, self.world = box, World(box, "fab")
        self.folder = box.root / "ops"
        self.port = free_port()
        self._origin(database)
        self._files()
        self._inventory()
        path = f"{PROGRAMS}:{box.env()['PATH']}"
        self.typist = Typist(self.folder, {**box.env(), "PATH": path})
        self._news = 0

    def _origin(self, database: int) -> None:
        machine = self.box.manager
        text = EXAMPLE.format(port=machine.port, database=database)
        self.box.origin.release({".env.example": text}, "An example")

    def _files(self) -> None:
        self.folder.mkdir()
        for name in ("fabfile", "mantodeus_ops", "tasks.py", "fabric.yaml"):
            (self.folder / name).symlink_to(CHECKOUT / name)
        (self.folder / ".venv").mkdir()
        (self.folder / ".venv/bin").symlink_to(PROGRAMS)
        (self.folder / "key.pem").write_text("-----BEGIN KEY-----\nabc\n-----END KEY-----\n")
        make_key(self.folder / "colleague", "colleague")
        shutil.copy(self.box.identity, self.box.manager.home / ".ssh/old_key")
        for known in (self.folder / "colleague.pub", self.box.identity.with_suffix(".pub")):
            shutil.copy(known, self.box.inventory.parent)

    def _inventory(self) -> None:
        self.box.add_machine("web2").write_env()
        self.box.hosts["web3"] = self.box.hosts["here"]
        new = self.box.root / "keys" / "id_new"
        self.box.defaults["identity_file"] = str(new)
        self.box.known_hosts.write_text(self.box.machines["web2"].sshd.known_hosts_line())
        self.box.hosts["manager"]["webhook"] = {"port": self.port}
        self.box.write_inventory()
        with self.box.inventory.open("a") as file:
            file.write(GROUPS)

    def let_in(self) -> None:
        """Let the key that was just made into both hosts, as `ssh.install` does by a password."""
        for machine in self.box.machines.values():
            public = (self.box.root / "keys/id_new.pub").read_text()
            with machine.sshd.authorized_keys.open("a") as file:
                file.write(public)
        assert self.typist.types("fab -H web2 deploy.setup")[0] == 0

    def release(self) -> None:
        """Release something new, also as the version that the pages name."""
        self._news += 1
        self.box.origin.release({"NEWS": f"{self._news}\n"}, f"Release {self._news}")
        self.box.origin.git("tag", "--force", "v1.4.0")
        self.box.origin.git("push", "--quiet", "--force", "--tags")

    def meant(self, line: str) -> str:
        """Return the line with the sandbox's own names in the place of made-up ones."""
        for made_up, own in {
            r"^(?:[*/\d]+ ){5}": lambda: "",
            r"/path/to/mantodeus-ops": lambda: str(self.folder),
            r"backup-20251205-143000": self._backup,
            r"SHA256:…": self._fingerprint,
            r"\bID$": self._delivery,
            r"\bNAME$": lambda: "GREETING",
        }.items():
            if re.search(made_up, line):
                line = re.sub(made_up, own(), line)
        return line

    def _backup(self) -> str:
        listed = self.world.run("backup.list").row["backups"]
        return str(next(one["name"] for one in listed if one["verdict"] == "good"))

    def _fingerprint(self) -> str:
        argv = ["ssh-keygen", "-lf", self.box.known_hosts]
        told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        return str(re.findall(r"SHA256:\S+", told)[-1])

    def _delivery(self) -> str:
        """Have GitHub tell of a push; return the id of that when it led to something."""
        env = (self.world.project / ".env").read_text()
        secret = re.findall(r"^WEBHOOK_SECRET=['\"]?(\w+)", env, re.MULTILINE)[0]
        github, revision = Hooked(self.world, self.port), self.box.origin.revision()
        assert github.deliver("push", github.push(revision), secret) == ACCEPTED.code
        return str(github.settled(revision)["id"])


@contextmanager
def database() -> Iterator[int]:
    """Yield the port of something that listens, as a database does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with database() as port, Sandbox() as box:
        desk = Desk(box, port)
        yield desk
        desk.world.end()


@pytest.mark.parametrize("number", range(len(LINES)), ids=lambda number: LINES[number].line)
def test_what_a_page_says_to_type_can_be_typed(desk: Desk, number: int):
    line = LINES[number].line
    if line == "fab -H manager ssh.check":
        desk.let_in()
    if NEW.search(line) and "--dry-run" not in line:
        desk.release()
    watches = next((seconds for word, seconds in SECONDS.items() if word in line), 0)
    code, shown = desk.typist.types(desk.meant(line), watches=watches)
    assert code == int(number == STOPS), shown
