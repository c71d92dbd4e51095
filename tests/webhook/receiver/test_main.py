"""The receiver as a host starts it: `python -m mantodeus_ops webhook.serve`, from anywhere."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from mantodeus_ops.webhook.self_package import tool_archive
from tests.support.receiver_site import CHECKOUT, push

INVENTORY = """
[hosts.little]
address = "local"
project_dir = "{project}"
app = "little"
health_url = "http://127.0.0.1:1/"
repository = "{repository}"
webhook.port = {port}
"""


@pytest.fixture
def served(site):
    """Return what starts a receiver of this site, as a person does."""
    started = []

    def starting(*, repository="git@github.com:octo/little.git", **env):
        text = INVENTORY.format(project=site.project, port=site.port, repository=repository)
        (site.folder / "hosts.toml").write_text(text)
        elsewhere = site.folder / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        known = {"HOME": str(site.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        known |= {"OPS_INVENTORY": str(site.folder / "hosts.toml"), "PYTHONPATH": str(CHECKOUT)}
        process = subprocess.Popen(
            [sys.executable, "-m", "mantodeus_ops", "webhook.serve"],
            cwd=elsewhere,
            env=known | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield starting
    for process in started:
        process.kill()
        process.communicate()


def answers(site, process):
    """Wait until the receiver answers."""
    late = time.monotonic() + 60
    while site.ask(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")[0] != 200:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < late
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_tells_who_it_is_and_ends_well_when_told_to(site, served, number):
    (site.project / ".deploy/webhook.json").write_text('{"by": "cron", "more": 1}')
    process = served()
    answers(site, process)
    told = json.loads((site.project / ".deploy/webhook.json").read_text())
    fields = open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()  # noqa: PTH123, SIM115
    assert (told["pid"], told["started"]) == (process.pid, fields[19])
    assert (told["by"], told["more"], told["port"]) == ("cron", 1, site.port)
    assert (told["root"], told["local"]) == (str(CHECKOUT), "little")
    assert told["code"] == tool_archive().digest
    assert site.ask(push("a" * 40)) == (202, b"accepted\n")
    began = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert time.monotonic() - began < 2.5  # PM2 waits for 3
    assert process.returncode == 0, err
    assert "Traceback" not in err


def test_j27_it_listens_on_loopback_only(site, served):
    answers(site, served())
    rows = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]  # noqa: PTH123, SIM115
    addresses = {row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{site.port:04X}")}
    assert addresses == {f"0100007F:{site.port:04X}"}


def refused(process):
    """Return what a receiver that does not start says, in a line and a hint."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, out + err
    assert "Traceback" not in err
    return out + err


def test_a_second_one_does_not_start(site, served):
    first = served()
    answers(site, first)
    assert "another receiver of this app runs already" in refused(served())
    told = json.loads((site.project / ".deploy/webhook.json").read_text())
    assert told["pid"] == first.pid


def test_a_port_that_is_taken_is_told(site, served):
    with socket.socket() as other:
        other.bind(("127.0.0.1", site.port))
        other.listen()
        assert f"cannot listen on 127.0.0.1:{site.port}" in refused(served())
    assert not (site.project / ".deploy/webhook.json").exists()


CANNOT = {
    "J25 no secret": ("", 0o600, "WEBHOOK_SECRET in .env is not set"),
    "H14 a short secret": ("WEBHOOK_SECRET=abcdefgh\n", 0o600, "less than 32 bytes"),
    "H14 a file for all": (None, 0o644, "others can read .env"),
}


@pytest.mark.parametrize(("text", "mode", "reason"), CANNOT.values(), ids=CANNOT)
def test_it_does_not_start_without_a_secret_and_writes_nothing(site, served, text, mode, reason):
    good = (site.project / ".env").read_text()
    site.write_env(good if text is None else text, mode)
    assert reason in refused(served())
    assert list((site.project / ".deploy").iterdir()) == []
    assert list((site.project / "logs").iterdir()) == []


def test_it_does_not_start_for_any_repository(served):
    assert "which repository may deploy here" in refused(served(repository=""))


def test_it_does_not_start_where_nothing_was_deployed(site, served):
    (site.project / ".deploy").rmdir()
    assert "nothing was deployed here" in refused(served())
    assert not (site.project / ".deploy").exists()
