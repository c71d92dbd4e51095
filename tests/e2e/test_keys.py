"""The first use: a key, a pinned host key, a login; each is told, asked for, and done once."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mantodeus_ops.remote.ssh.fingerprint import blob_of, sha256
from sandbox.openssh import make_key
from tests.e2e.test_refusals import pins, strange
from tests.e2e.world import World
from tests.support.fake_host import tree_of

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


@contextmanager
def newcomer(world: World) -> Iterator[Path]:
    """Be somebody without key and pins, whom lines of others stand before; yield the key's file."""
    home = world.box.root / f"me-{secrets.token_hex(3)}"
    own = {"identity_file": str(home / "keys/id"), "known_hosts": str(home / "known_hosts")}
    with keys_kept(world) as authorized, world.settings(**own):
        other = OTHERS.format(key=authorized.read_text().split()[1][:-4] + "AAAA")
        authorized.write_text(f"{other}\n# mine\n{authorized.read_text().strip()}")  # no newline
        authorized.chmod(0o664)
        yield home / "keys" / "id"


@pytest.mark.quick
def test_from_nothing_to_a_login(two: World):
    with newcomer(two) as key:
        makes_a_key(two, key)
        trusts_the_host(two, key)
        is_let_in(two, key)


def makes_a_key(world: World, key: Path) -> None:
    """Make the key, once."""
    made = world.run("ssh.keygen", "--no-passphrase", "--comment", "me@laptop").row
    public = key.with_name("id.pub")
    assert (mode(key.parent), mode(key), mode(public)) == (0o700, 0o600, 0o644)
    assert public.read_text().endswith(" me@laptop\n")
    assert made["fingerprint"] == fingerprint(public)
    assert world.run("ssh.keygen").row["status"] == "unchanged"


def trusts_the_host(world: World, key: Path) -> None:
    """Pin the host's key, only when it is the one that is expected."""
    known = key.parents[1] / "known_hosts"
    assert world.run("status", code=3).row["hint"] == "fab -H manager ssh.trust"
    wrong = world.run("ssh.trust", "--fingerprint", fingerprint(key.with_name("id.pub")), code=3)
    assert "another key than you expect" in wrong.error
    assert "There is no terminal" in world.run("ssh.trust", code=1).error
    assert not known.exists()
    right = fingerprint(world.machine.sshd.folder / "host_key.pub")
    seen = world.run("ssh.trust", "--fingerprint", right)
    assert (seen.row["status"], "+--[ED25519 256]--+" in seen.err) == ("success", True)
    assert known.read_text() == world.machine.sshd.known_hosts_line()
    assert world.run("ssh.trust").row["status"] == "unchanged"


def is_let_in(world: World, key: Path) -> None:
    """Install the key by another login, and a colleague's; whatever else is there stays."""
    authorized = world.machine.sshd.authorized_keys
    before = authorized.read_text()
    assert "it accepts no passwords either" in world.run("ssh.install", code=3).error
    assert authorized.read_text() == before
    done = world.run("ssh.install", "--login", str(world.box.identity)).row
    assert (done["status"], done["login"]) == ("success", "proven")
    public = key.with_name("id.pub").read_text()
    assert authorized.read_text() == f"{before}\n{public}"
    assert (mode(authorized), mode(authorized.parent)) == (0o600, 0o700)
    assert world.run("ssh.install").row["status"] == "unchanged"
    assert list(authorized.parent.iterdir()) == [authorized]
    make_key(key.with_name("other"), "colleague")
    other = str(key.with_name("other.pub"))
    assert world.run("ssh.install", "--key", other).row["status"] == "success"
    assert authorized.read_text() == f"{before}\n{public}{Path(other).read_text()}"
    private = world.run("ssh.install", "--key", str(key), code=2)
    assert "is a private key" in private.error


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
