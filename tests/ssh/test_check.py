"""The task ssh.check at a real sshd: a new login, and what a deploy would lack."""

from dataclasses import replace

import pytest

from mantodeus_ops.errors import UnreachableError, UsageError
from mantodeus_ops.ssh.check import check
from sandbox.openssh import free_port
from tests.support.fake_host import host_at
from tests.support.ssh_servers import host_on, one_key_sshd, target_at


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Yield an sshd that lets one key in, and the folder of its inventory."""
    with one_key_sshd(tmp_path_factory.mktemp("check")) as found:
        yield found


def test_a_login_is_described_beside_what_the_host_lacks(place):
    found = check(host_on(target_at(place)))
    assert found.status == "success"
    assert found.data["server"].startswith("SSH-2.0-OpenSSH")
    assert "SHA256:" in found.data["fingerprint"]
    assert 0 < found.data["connection_time_seconds"] < 60
    assert isinstance(found.data["lacks"], list)


def test_a_host_that_is_away_has_failed_and_says_so_in_the_data(place):
    target = target_at(place)
    host = host_on(replace(target, spec=replace(target.spec, port=free_port())))
    with pytest.raises(UnreachableError) as away:
        check(host)
    assert away.value.details["connection_status"] == "failed"
    assert away.value.details["connection_time_seconds"] >= 0


def test_this_machine_has_no_login_to_check(tmp_path):
    with pytest.raises(UsageError, match="is this machine"):
        check(host_at(tmp_path))
