"""What a server shows before a login: its host key, its algorithms, its methods."""

import pytest

from mantodeus_ops.errors import HostKeyError, UnreachableError
from mantodeus_ops.remote.ssh.probe import fetch_host_key, probe_server
from sandbox.openssh import free_port
from tests.support.ssh_servers import one_key_sshd, target_at

OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Yield an sshd that lets one key in, and the folder of its inventory."""
    with one_key_sshd(tmp_path_factory.mktemp("probe")) as found:
        yield found


def pinned(place, file, *lines):
    """Return the target whose pins are these lines."""
    file.write_text("".join(lines))
    return target_at(place, identity="", known_hosts=str(file))


def test_the_key_of_a_host_is_fetched_beside_those_that_are_pinned(place, tmp_path):
    file, line = tmp_path / "pins", place[0].known_hosts_line()
    where, key = line.strip().split(" ", 1)
    new = fetch_host_key(pinned(place, file))
    assert (new.key.line, new.pinned, new.is_pinned, new.revoked) == (key, (), False, False)
    assert fetch_host_key(pinned(place, file, line)).is_pinned
    other = fetch_host_key(pinned(place, file, f"{where} {OTHER}\n"))
    assert (other.is_changed, [found.line for found in other.pinned]) == (True, [OTHER])
    assert fetch_host_key(pinned(place, file, f"@revoked * {key}\n")).revoked


def test_a_file_of_pins_that_is_missing_pins_nothing(place, tmp_path):
    target = target_at(place, identity="", known_hosts=str(tmp_path / "none"))
    assert fetch_host_key(target).pinned == ()


def test_a_server_names_its_algorithms_and_methods_to_a_host_with_its_pinned_key(place, tmp_path):
    file, line = tmp_path / "pins", place[0].known_hosts_line()
    found = probe_server(pinned(place, file, line))
    assert found.methods == ("publickey",)
    assert "ssh-ed25519" in found.offer["keys"]
    where = line.split()[0]
    with pytest.raises(HostKeyError, match="is not the pinned one"):
        probe_server(pinned(place, file, f"{where} {OTHER}\n"))


def test_what_does_not_answer_is_unreachable(place, tmp_path):
    target = target_at(place, known_hosts=str(tmp_path / "none"))
    server, folder = place
    closed = type(server)(folder, folder / "none", {"PATH": ""})
    closed.port = free_port()
    with pytest.raises(UnreachableError, match="nothing listens"):
        fetch_host_key(target_at((closed, folder), known_hosts=target.spec.known_hosts))
