"""What the books of a receiver tell: nothing yet, a delivery, or nothing that can be read."""

import pytest

from mantodeus_ops.errors import HostError, PreflightError
from mantodeus_ops.webhook.ping import ping
from mantodeus_ops.webhook.status import deliveries, redeliver, status
from tests.support.backup_transfers import app_at
from tests.support.program_stubs import stubs
from tests.support.webhook_hosts import deployed, fail_a_push, hook_of, write_down


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return an app's folder with a receiver that does not run; PM2 does not either."""
    monkeypatch.setenv("PM2_HOME", str(tmp_path / "pm2"))
    write_down(deployed(tmp_path / "site"))
    return tmp_path / "site"


def test_nothing_is_taken_up_again_where_nothing_ever_came(site):
    host = hook_of(site)
    report = redeliver(host, "push-0001")
    assert (report.status, report.data["reason"]) == ("unchanged", "nothing was ever delivered")
    assert host.events.notes == []


def test_a_delivery_that_waits_for_a_receiver_that_does_not_run_says_so(site):
    fail_a_push(site, "push-0001")
    host = hook_of(site)
    report = redeliver(host, "push-0")
    assert (report.status, report.data["state"]) == ("success", "waiting")
    assert host.events.notes == ["the receiver does not run: fab -H here webhook.install"]
    [listed] = deliveries(host, 5).data["deliveries"]
    assert (listed["id"], listed["state"]) == ("push-0001", "waiting")


@pytest.mark.parametrize("says", ["echo nonsense", "true"])
def test_books_that_cannot_be_read_are_a_finding_beside_the_others(site, says):
    fail_a_push(site, "push-0001")
    [folder] = stubs(site.parent / "bin", python=says)
    write_down(site, python=f"{folder}/python")
    with pytest.raises(HostError, match="the records of the receiver on here gave no answer") as no:
        deliveries(hook_of(site), 5)
    assert no.value.hint == "logs --webhook"
    report = status(hook_of(site))
    told = [(one["text"], one["hint"]) for one in report.data["findings"]]
    assert ("the records of the receiver on here gave no answer", "logs --webhook") in told
    assert ("the receiver does not run", "webhook.install") in told
    assert (report.exit_code, report.data["deliveries"], report.data["last_push"]) == (7, {}, None)


def test_a_host_without_a_receiver_says_so(tmp_path):
    host = app_at(tmp_path / "site")
    for asked in (lambda: deliveries(host, 5), lambda: redeliver(host, "ab")):
        with pytest.raises(PreflightError, match="no receiver is installed on here"):
            asked()
    report = status(host)
    assert (report.exit_code, report.data["installed"], report.data["last_push"]) == (
        7,
        False,
        None,
    )
    with pytest.raises(PreflightError, match=r"\.env: "):
        ping(host)
