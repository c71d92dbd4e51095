import subprocess
from pathlib import PurePosixPath

import paramiko
import pytest

from mantodeus_ops.errors import HostKeyError
from mantodeus_ops.inventory.parse import App, HostSpec, Inventory
from mantodeus_ops.remote.ssh.connection import PinnedConnection
from mantodeus_ops.remote.ssh.host_keys import PinnedKeyPolicy, fingerprint, read_pins
from mantodeus_ops.remote.ssh.target import SshTarget
from sandbox.openssh import Sshd

APP = App(project_dir=PurePosixPath("/srv/app"), name="manager", health_url="http://localhost:1/")
SPEC = HostSpec("web1", "web1.example", 2222, app=APP)
WHERE = "[web1.example]:2222"


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Return the public halves of three keys, as known_hosts holds them, by name."""
    folder = tmp_path_factory.mktemp("keys")
    return {name: public_key(folder / name) for name in ("one", "two", "other")}


def public_key(path):
    """Make a key pair; return its kind and its public half."""
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(argv, check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def pins(tmp_path, *lines, address="web1.example", port=2222):
    """Return what these lines pin for a host."""
    path = tmp_path / "known_hosts"
    path.write_text("".join(f"{line}\n" for line in lines))
    return read_pins(path, HostSpec("web1", address, port, app=APP))


def known(tmp_path, *lines, **host):
    """Return the keys that these lines pin for a host, as known_hosts holds them."""
    found = pins(tmp_path, *lines, **host).keys
    return [f"{key.get_name()} {key.get_base64()}" for key in found]


def test_a_key_is_pinned_for_every_name_on_its_line_and_for_no_other(tmp_path, keys):
    lines = ["# a comment", "", f"  {WHERE},10.0.0.1 {keys['one']} me@here", f"x {keys['two']}"]
    assert known(tmp_path, *lines) == known(tmp_path, *lines, address="10.0.0.1", port=22)
    assert known(tmp_path, *lines) == [keys["one"]]
    assert known(tmp_path, *lines, address="X", port=22) == [keys["two"]]
    assert known(tmp_path, *lines, port=22) == known(tmp_path, *lines, address="y") == []


@pytest.mark.parametrize(("address", "port"), [("::1", 22), ("fe80::2", 2222)])
def test_an_ipv6_address_is_a_name_like_any_other(tmp_path, keys, address, port):
    name = address if port == 22 else f"[{address}]:{port}"
    assert known(tmp_path, f"{name} {keys['one']}", address=address, port=port) == [keys["one"]]


def test_a_hashed_name_is_known_too(tmp_path, keys):
    hashed = paramiko.HostKeys.hash_host(WHERE)
    lines = [f"{hashed} {keys['one']}", f"|1|x|y {keys['two']}"]
    assert known(tmp_path, *lines) == [keys["one"]]
    assert known(tmp_path, *lines, port=22) == []


@pytest.mark.parametrize("revoked_first", [True, False])
def test_a_revoked_key_is_not_pinned_even_if_another_line_pins_it(tmp_path, keys, revoked_first):
    lines = [f"@revoked * {keys['one']}", f"{WHERE} {keys['one']}"]
    found = pins(tmp_path, *(lines if revoked_first else lines[::-1]))
    assert (len(found.revoked), found.keys) == (1, ())


@pytest.mark.parametrize("marker", ["@cert-authority", "@other", "@"])
def test_a_marker_that_we_cannot_honour_is_refused_rather_than_ignored(tmp_path, keys, marker):
    with pytest.raises(HostKeyError, match=rf"line 2: {marker} is not supported") as caught:
        pins(tmp_path, "# first", f"{marker} * {keys['one']}")
    assert caught.value.hint.startswith("ssh-keygen -l -f ")


@pytest.mark.parametrize(
    "line",
    [
        "{where} ssh-ed25519 AAA",
        "{where} ssh-ed25519 !!!!",
        "{where} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
        "{where} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIQ",
        "{where} ssh-ed25519 YWJj",
        "{where} ssh-rsa YWJj",
        "{where} ecdsa-sha2-nistp256 YWJj",
        "{where} ssh-ed25519",
        "garbage",
    ],
)
def test_a_line_that_holds_no_key_is_refused_with_its_number(tmp_path, keys, line):
    with pytest.raises(HostKeyError, match="line 2: not a host key"):
        pins(tmp_path, f"x {keys['one']}", line.format(where=WHERE))


def test_keys_of_a_kind_that_we_do_not_know_are_none_of_ours(tmp_path, keys):
    lines = [f"{WHERE} sk-future@openssh.com YWJj", f"{WHERE} {keys['one']}"]
    assert known(tmp_path, *lines) == [keys["one"]]


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_pins_nothing_and_says_so(tmp_path, content):
    path = tmp_path / "known_hosts"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(HostKeyError, match="no host key is pinned") as caught:
        read_pins(path, SPEC)
    assert caught.value.hint == "fab -H web1 ssh.trust"


@pytest.mark.parametrize(("revokes", "state"), [(False, "not pinned"), (True, "revoked")])
def test_a_key_that_nobody_pinned_is_shown_and_refused(tmp_path, keys, revokes, state):
    key = paramiko.hostkeys.HostKeyEntry.from_line(f"x {keys['other']}").key
    policy = PinnedKeyPolicy(SPEC, pins(tmp_path, *[f"@revoked * {keys['other']}"] * revokes))
    with pytest.raises(HostKeyError, match=state) as caught:
        policy.missing_host_key(paramiko.SSHClient(), WHERE, key)
    assert fingerprint(key) in caught.value.message


def test_a_fingerprint_is_openssh_s_own(tmp_path):
    public = public_key(tmp_path / "id")
    key = paramiko.hostkeys.HostKeyEntry.from_line(f"x {public}").key
    argv = ["ssh-keygen", "-l", "-f", tmp_path / "id.pub"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert fingerprint(key) == f"ssh-ed25519 {said.split()[1]}"


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    """Yield a real sshd that lets us in with the key `id` of its folder's parent."""
    folder = tmp_path_factory.mktemp("world")
    public = public_key(folder / "id")
    (folder / "authorized_keys").write_text(public + "\n")
    server = Sshd(folder / "sshd", folder / "authorized_keys", {"PATH": "/usr/bin:/bin"})
    server.start()
    yield server
    server.stop()


def opened(sshd, *lines):
    """Return how opening a connection ends when these lines are the pins."""
    folder = sshd.folder.parent
    (folder / "known_hosts").write_text("".join(f"{line}\n" for line in lines))
    spec = HostSpec("web1", "127.0.0.1", sshd.port, identity_file="id", app=APP)
    known = Inventory(str(folder / "hosts.toml"), {"web1": spec}, {}, "")
    connection = PinnedConnection(SshTarget(spec, known))
    try:
        connection.open()
    except HostKeyError as error:
        return error.message
    else:
        return "connected"
    finally:
        connection.close()


def test_each_of_two_pins_of_one_kind_counts(tmp_path, keys):
    lines = [f"{WHERE} {keys['one']}", f"{WHERE} {keys['two']}"]
    assert known(tmp_path, *lines) == [keys["one"], keys["two"]]


def test_a_real_host_is_trusted_only_by_a_pinned_key(sshd, keys, tmp_path):
    line = sshd.known_hosts_line().strip()
    where, key = line.split(" ", 1)
    other = f"{where} {keys['other']}"
    assert opened(sshd, line) == opened(sshd, other, line) == opened(sshd, line, other)
    assert opened(sshd, line) == "connected"
    assert "is not pinned in" in opened(sshd, f"elsewhere {key}")
    assert "is revoked in" in opened(sshd, line, f"@revoked * {key}")
    changed = opened(sshd, other)
    assert "is not the pinned one" in changed
    assert changed.count("SHA256:") == 2
    assert "nothing was sent" in changed
    argv = ["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(tmp_path / "nist")]
    subprocess.run(argv, check=True)
    old = " ".join((tmp_path / "nist.pub").read_text().split()[:2])
    assert "pinned only as ecdsa-sha2-nistp256" in opened(sshd, f"{where} {old}")
