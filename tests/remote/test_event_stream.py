"""Events of a program that reads logs: in their order, and none twice after a lost connection."""

import pytest

from mantodeus_ops.errors import HostError
from mantodeus_ops.monitor.logs import LogQuery
from mantodeus_ops.remote.answers.events import LOGS
from mantodeus_ops.remote.event_stream import stream
from tests.support.fake_host import host_at
from tests.support.faulty_transports import Dropping


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return the folder of an app that has written two lines; its PM2 is down."""
    (tmp_path / "out.log").write_text("one\ntwo\n")
    (tmp_path / "pm2").mkdir()
    (tmp_path / "pm2/dump.pm2").write_text(
        f'[{{"name": "manager", "pm_id": 0, "pm_out_log_path": "{tmp_path}/out.log"}}]'
    )
    monkeypatch.setenv("PM2_HOME", str(tmp_path / "pm2"))
    return tmp_path


def heard(host):
    """Return the events of the program that reads logs, and how often it was asked."""
    events, asked = [], []

    def again():
        asked.append(None)
        return {**LogQuery().params(), "at": {}}

    stream(host, LOGS, events.append, again=again)
    return events, len(asked)


def test_events_come_in_their_order_and_no_sign_of_life_is_one(site):
    events, asked = heard(host_at(site, pm2="true"))
    assert [event["line"] for event in events if "line" in event] == ["one", "two"]
    assert asked == 1
    assert not any("beat" in event for event in events)


def test_parameters_are_asked_for_anew_after_a_lost_connection(site):
    host = host_at(site, pm2="true", line=Dropping(1))
    events, asked = heard(host)
    assert [event["line"] for event in events if "line" in event] == ["one", "two"]
    assert asked == 2
    assert host.events.notes == ["the connection was lost; reconnecting", "reconnected"]


def test_a_program_that_fails_is_an_error_of_the_host(site):
    with pytest.raises(HostError):
        heard(host_at(site, name="another", pm2="true"))


def test_a_run_that_was_ended_reads_no_further(site):
    host = host_at(site, pm2="true")
    host.stopped.set()
    with pytest.raises(KeyboardInterrupt):
        heard(host)
