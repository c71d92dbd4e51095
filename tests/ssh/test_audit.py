"""The task ssh.audit at a real sshd: findings of both machines in one result."""

import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.ssh.audit import audit
from tests.support.fake_host import host_at
from tests.support.ssh_servers import host_on, one_key_sshd, target_at


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Yield an sshd that lets one key in, and the folder of its inventory."""
    with one_key_sshd(tmp_path_factory.mktemp("audit")) as found:
        yield found


def test_a_file_that_others_can_write_is_a_finding_beside_what_the_server_offers(place):
    (place[1] / "id").chmod(0o600)
    before = audit(host_on(target_at(place)))
    assert before.data["methods"] == ["publickey"]
    assert before.data["weak_algorithms"] == sorted(
        before.data["weak_algorithms"], key=lambda algorithm: not algorithm["broken"]
    )
    (place[1] / "hosts.toml").touch()
    (place[1] / "hosts.toml").chmod(0o666)
    after = audit(host_on(target_at(place)))
    new = [row["text"] for row in after.data["findings"] if row not in before.data["findings"]]
    assert any("hosts.toml" in text for text in new), after.data["findings"]
    assert after.exit_code == 7


def test_this_machine_has_no_login_to_audit(tmp_path):
    with pytest.raises(UsageError, match="is this machine"):
        audit(host_at(tmp_path))
