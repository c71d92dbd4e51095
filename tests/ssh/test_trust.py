"""The task ssh.trust at a real sshd: what is pinned, and what must be confirmed first."""

import pytest

from mantodeus_ops.errors import HostKeyError, OpsError
from mantodeus_ops.remote.ssh.probe import fetch_host_key
from mantodeus_ops.ssh.trust import trust
from tests.support.ssh_servers import host_on, one_key_sshd, target_at

OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Yield an sshd that lets one key in, and the folder of its inventory."""
    with one_key_sshd(tmp_path_factory.mktemp("trust")) as found:
        yield found


@pytest.fixture
def pins(tmp_path):
    """Return the file of pins, which does not exist yet."""
    return tmp_path / "pins"


def asked(place, pins, **options):
    """Return the host whose key is asked for."""
    return host_on(target_at(place, known_hosts=str(pins)), **options)


def test_a_new_key_is_pinned_with_yes_and_then_nothing_changes(place, pins):
    host = asked(place, pins, yes=True)
    made = trust(host)
    assert (made.status, made.data["previous"]) == ("success", [])
    assert pins.read_text() == place[0].known_hosts_line()
    assert made.data["fingerprint"] in host.events.notes[0]
    assert trust(asked(place, pins)).status == "unchanged"


def test_a_new_key_is_asked_about_unless_its_fingerprint_was_given(place, pins):
    with pytest.raises(OpsError, match="There is no terminal") as refused:
        trust(asked(place, pins))
    assert "ssh.trust --fingerprint SHA256:" in refused.value.hint
    assert not pins.exists()
    key = fetch_host_key(target_at(place, known_hosts=str(pins))).key
    assert trust(asked(place, pins), fingerprint=key.fingerprint).status == "success"
    assert pins.exists()


def test_a_changed_key_is_replaced_only_when_it_was_compared(place, pins):
    where, key = place[0].known_hosts_line().strip().split(" ", 1)
    pins.write_text(f"{where} {OTHER}\n")
    with pytest.raises(HostKeyError, match="only by one that you have compared"):
        trust(asked(place, pins, yes=True))
    assert pins.read_text() == f"{where} {OTHER}\n"
    shown = fetch_host_key(target_at(place, known_hosts=str(pins))).key.fingerprint
    made = trust(asked(place, pins, yes=True), fingerprint=shown)
    assert (made.data["fingerprint"], len(made.data["previous"])) == (shown, 1)
    assert pins.read_text() == f"{where} {key}\n"


def test_a_dry_run_pins_nothing(place, pins):
    host = asked(place, pins, dry_run=True)
    assert trust(host).status == "success"
    assert [line.split()[0] for line in host.events.commands] == ["pin"]
    assert not pins.exists()


def test_a_revoked_key_is_never_pinned(place, pins):
    key = place[0].known_hosts_line().split(" ", 1)[1].strip()
    pins.write_text(f"@revoked * {key}\n")
    with pytest.raises(HostKeyError, match="revoked"):
        trust(asked(place, pins, yes=True))
