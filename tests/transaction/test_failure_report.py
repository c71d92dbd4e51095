"""A failure before the activation is written down, and runs on_failure; it hides no other."""

import json
import time

from mantodeus_ops.errors import PreflightError, UnreachableError
from mantodeus_ops.transaction.failure_report import record_failure, signature
from mantodeus_ops.transaction.lock import Lock
from tests.support.fake_host import host_at
from tests.support.faulty_transports import Dropping

LOCK = Lock("20260102-030405-abcdef", None)


def report(host, error):
    """Record this failure of a deploy."""
    (host.app.project_dir / ".deploy").mkdir(mode=0o700)
    record_failure(host, LOCK, "deploy", "main", time.monotonic(), error)


def history(folder):
    """Return the history of the app in this folder."""
    file = folder / ".deploy/history.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_an_entry_says_who_did_what_and_how_it_ended(tmp_path):
    host = host_at(tmp_path)
    host.add_secrets(["canary-0123456789"])
    error = PreflightError("no room for canary-0123456789", "df -h")
    error.details = {"revision": "a" * 40, "plan": {"left": "out"}}
    report(host, error)
    (entry,) = history(tmp_path)
    signed = signature(LOCK.run, "deploy", "main")
    assert {key: entry[key] for key in signed} == signed
    assert (entry["status"], entry["exit_code"]) == (error.status, error.exit_code)
    assert (entry["revision"], "plan" in entry) == ("a" * 40, False)
    assert entry["error"].startswith("no room for ")
    assert "canary" not in (tmp_path / ".deploy/history.jsonl").read_text()


def test_a_host_that_cannot_be_reached_is_not_asked_to_record_that(tmp_path):
    line = Dropping(99)
    report(host_at(tmp_path, line=line), UnreachableError("no line", "ssh.check"))
    assert (line.begun, history(tmp_path)) == (0, [])


def test_a_hook_runs_in_the_project_and_its_failure_hides_nothing(tmp_path):
    host = host_at(tmp_path, hooks={"on_failure": ("touch ran", "exit 3", "touch after")})
    report(host, PreflightError("no room", "df -h"))
    assert (tmp_path / "ran").exists()
    assert not (tmp_path / "after").exists()
    assert len(history(tmp_path)) == 1
