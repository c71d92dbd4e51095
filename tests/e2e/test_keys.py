"""The first use: a key, a pinned host key, a login; each is told, asked for, and done once."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fabfile.pure.fingerprint import blob_of, sha256
from sandbox.openssh import make_key
from tests.e2e.test_refusals import pins, strange
from tests.e2e.world import World
from tests.host.doors import tree_of

pytestmark = pytest.mark.xdist_group("ssh")

OTHERS = 'from="10.0.0.1",command="echo a b" ssh-ed25519 {key} somebody # else'


def fingerprint(public: Path) -> str:
    """Return the fingerprint of a public key file."""
    return sha256(blob_of(public.read_text().split()[1]))


def mode(path: Path) -> int:
    """Return the permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def keys_kept(world: World) -> Iterator[Path]:
    """Put back what lets us in after the block; yield the file."""
    file = world.machine.sshd.authorized_keys
    before = file.read_bytes()
    try:
        yield file
    finally:
        file.write_bytes(before)
        file.chmod(0o600)


def test_from_nothing_to_a_login(two: World):
    folder = two.box.root / f"me-{secrets.token_hex(3)}" / "keys"
    host_key = two.machine.sshd.folder / "host_key.pub"
    known = folder.parent / "known_hosts"
    own = {"identity_file": str(folder / "id"), "known_hosts": str(known)}
    with keys_kept(two) as authorized, two.settings(**own):
        other = OTHERS.format(key=authorized.read_text().split()[1][:-4] + "AAAA")
        authorized.write_text(f"{other}\n# mine\n{authorized.read_text().strip()}")  # no newline
        authorized.chmod(0o664)
        before = authorized.read_text()
        assert "ssh.trust" in two.run("status", code=3).row["hint"] + "ssh.trust"
        made = two.run("ssh.keygen", "--no-passphrase", "--comment", "me@laptop").row
        assert (mode(folder), mode(folder / "id"), mode(folder / "id.pub")) == (0o700, 0o600, 0o644)
        assert (folder / "id.pub").read_text().endswith(" me@laptop\n")
        assert made["fingerprint"] == fingerprint(folder / "id.pub")
        assert two.run("ssh.keygen").row["status"] == "unchanged"

        wrong = fingerprint(folder / "id.pub")
        assert (
            "another key than you expect"
            in two.run("ssh.trust", "--fingerprint", wrong, code=3).error
        )
        assert "Nobody is there" in two.run("ssh.trust", code=1).error
        assert not known.exists()
        seen = two.run("ssh.trust", "--fingerprint", fingerprint(host_key))
        assert (seen.row["status"], "+--[ED25519 256]--+" in seen.err) == ("success", True)
        assert known.read_text() == two.machine.sshd.known_hosts_line()
        assert two.run("ssh.trust").row["status"] == "unchanged"

        refused = two.run("ssh.install", code=3)
        assert "it takes no password either" in refused.error
        assert authorized.read_text() == before
        login = str(two.box.identity)
        done = two.run("ssh.install", "--login", login).row
        assert (done["status"], done["login"]) == ("success", "proven")
        public = (folder / "id.pub").read_text()
        assert authorized.read_text() == f"{before}\n{public}"
        assert (mode(authorized), mode(authorized.parent)) == (0o600, 0o700)
        assert two.run("ssh.install").row["status"] == "unchanged"
        assert list(authorized.parent.iterdir()) == [authorized]
        colleague = folder / "other"
        make_key(colleague, "colleague")
        assert two.run("ssh.install", "--key", f"{colleague}.pub").row["status"] == "success"
        assert authorized.read_text().endswith(Path(f"{colleague}.pub").read_text())
        assert "is a private key" in two.run("ssh.install", "--key", str(colleague), code=2).error


def test_a_changed_key_is_replaced_only_when_the_new_one_was_compared(two: World):
    right = fingerprint(two.machine.sshd.folder / "host_key.pub")
    port = two.machine.sshd.port
    with pins(two, lambda text: "# kept\n" + strange(text, port)):
        before = two.box.known_hosts.read_text()
        for words in ([], ["--fingerprint", right]):
            answer = two.run("ssh.trust", *words, code=1)
            assert answer.err.count("SHA256:") >= 2
            assert "pinned until now is another key" in answer.err
        assert "only by one that you have compared" in two.run("ssh.trust", "--yes", code=3).error
        two.run("ssh.trust", "--yes", "--fingerprint", right, "--dry-run")
        assert two.box.known_hosts.read_text() == before
        row = two.run("ssh.trust", "--yes", "--fingerprint", right).row
        assert len(row["previous"]) == 1
        after = two.box.known_hosts.read_text().splitlines()
        assert after[0] == "# kept"
        assert sorted(after[1:]) == sorted(
            machine.sshd.known_hosts_line().strip() for machine in two.box.machines.values()
        )
    with pins(
        two,
        lambda text: text + f"@revoked * {two.machine.sshd.known_hosts_line().split(' ', 1)[1]}",
    ):
        assert "a key that is revoked" in two.run("ssh.trust", "--yes", code=3).error
    assert two.run("ssh.trust", "--fingerprint", "nonsense", code=2).row["exit_code"] == 2


def test_a_host_behind_a_gateway_is_trusted_through_it_and_never_instead_of_it(two: World):
    where = f"[127.0.0.1]:{two.machine.sshd.port} "
    with two.settings(gateway="jump"):
        with pins(
            two,
            lambda text: "".join(one for one in text.splitlines(keepends=True) if where not in one),
        ):
            assert two.run("ssh.trust", "--yes").row["status"] == "success"
            assert where in two.box.known_hosts.read_text()
        with pins(two, lambda _: ""):
            answer = two.run("ssh.trust", "--yes", code=3)
            assert answer.row["hint"] == "fab -H jump ssh.trust"
            assert two.box.known_hosts.read_text() == ""


def test_this_machine_needs_no_ssh(two: World):
    for task in ("ssh.keygen", "ssh.install", "ssh.trust"):
        done = two.box.inv(task)
        assert (done.returncode, "no SSH is used" in done.stderr) == (2, True), done
        assert len(done.stderr.splitlines()) == 2
        assert two.box.fab("-H", "here", task).returncode == 2


def test_a_dry_run_makes_nothing(two: World):
    folder = two.box.root / "none"
    with keys_kept(two), two.settings(identity_file=str(folder / "id")):
        assert "ssh-keygen -t ed25519 -f" in two.run("ssh.keygen", "--dry-run").err
        assert not folder.exists()
    with keys_kept(two) as authorized:
        authorized.chmod(0o644)
        before = tree_of(two.machine.home)
        assert "authorize 'ssh-ed25519 " in two.run("ssh.install", "--dry-run").err
        assert tree_of(two.machine.home) == before
