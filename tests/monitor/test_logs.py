"""What is passed on of an app's logs: its lines, what is to be known of them, and nothing else."""

import json

import pytest

from mantodeus_ops.errors import UsageError
from mantodeus_ops.monitor.logs import LogQuery, logs
from mantodeus_ops.remote.options import Options
from tests.support.backup_transfers import host_of
from tests.support.program_stubs import chatty_node


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return the folder of an app that has written logs; its PM2 is down and has left its list."""
    (tmp_path / "out.log").write_text("one\ntwo\n")
    (tmp_path / "pm2").mkdir()
    entry = {"name": "manager", "pm_id": 0, "pm_out_log_path": str(tmp_path / "out.log")}
    (tmp_path / "pm2/dump.pm2").write_text(json.dumps([entry]))
    monkeypatch.setenv("PM2_HOME", str(tmp_path / "pm2"))
    return tmp_path


def test_lines_are_shown_or_with_json_in_the_report_never_both(site):
    host = host_of(site)
    assert logs(host, LogQuery()).data == {"lines": []}
    assert host.events.lines == [("", "one"), ("", "two")]
    host = host_of(site, options=Options(as_json=True))
    lines = [{"app": "manager", "source": "out", "text": text} for text in ("one", "two")]
    assert logs(host, LogQuery()).data == {"lines": lines}
    assert host.events.lines == []


def test_a_log_without_times_is_shown_whole_and_told_of(site):
    host = host_of(site)
    logs(host, LogQuery(since="10m"))
    assert [text for _, text in host.events.lines] == ["one", "two"]
    [note] = host.events.notes
    assert note.startswith("out.log carries no times: --since cannot tell its lines apart")


def test_what_somebody_s_node_says_itself_is_no_line_of_the_app(site):
    host = host_of(site, path=chatty_node(site / "bin", '{"shim": "node 22", "file": "x"}'))
    logs(host, LogQuery())
    assert (host.events.lines, host.events.notes) == ([("", "one"), ("", "two")], [])


def test_lines_that_were_not_all_read_are_no_success_unless_they_have_no_end(site):
    host = host_of(site)
    host.stopped.set()
    with pytest.raises(KeyboardInterrupt):
        logs(host, LogQuery())
    assert logs(host, LogQuery(follow=True)).status == "success"


@pytest.mark.parametrize("wish", [LogQuery(grep="("), LogQuery(since="yesterday")])
def test_lines_are_asked_for_by_what_can_be_read(tmp_path, wish):
    with pytest.raises(UsageError):
        logs(host_of(tmp_path), wish)
