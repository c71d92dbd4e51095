"""What the host says of a receiver: who listens, whose it is; and the shell that keeps one up."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from mantodeus_ops.remote.programs import shell_program
from tests.support.project_dir import REFUSED, Project, tools

SERVER = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


def started(pid):
    """Return when a process began, as the kernel counts."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


@pytest.fixture
def server():
    """Yield a process that listens, and its port."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True
    ) as process:
        yield process.pid, int(process.stdout.readline())
        process.kill()


def seen(project, port, **config):
    """Return what the host says of the receiver that this is written down of."""
    file = project.root / ".deploy/webhook.json"
    if config:
        file.write_text(json.dumps(config))
    hook = {"bind": "127.0.0.1", "port": port, "path": "/webhook"}
    done = project.run("webhook/inspect_receiver", app="app-webhook", webhook=hook, health={})
    assert done.code == 0, done.out
    return json.loads(done.out)


def test_ours_is_who_was_written_down_and_holds_the_socket(tmp_path, server):
    pid, port = server
    project = Project(tmp_path)
    found = seen(project, port, pid=pid, started=started(pid))
    assert found["listener"] == {"ours": True, "pid": pid}
    # One that serves one connection after the other would not answer on a second one.
    assert found["health"]["status"] == 200, found["health"]
    assert found["config"]["alive"] is True


@pytest.mark.parametrize("written", [{}, {"pid": 2**22, "started": "1"}, {"pid": os.getpid()}])
def test_whoever_else_holds_the_port_is_named(tmp_path, server, written):
    pid, port = server
    found = seen(Project(tmp_path), port, **written)
    assert found["listener"]["stranger"].startswith(f"process {pid} (")
    assert not (found["config"] or {}).get("alive")


def test_a_number_that_another_process_has_by_now_is_not_alive(tmp_path, server):
    pid, port = server
    found = seen(Project(tmp_path), port, pid=pid, started="1")
    assert found["config"]["alive"] is False
    assert "stranger" in found["listener"]


def test_where_nobody_listens_nobody_is_named(tmp_path):
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = seen(Project(tmp_path), port)
    assert (found["config"], found["listener"], found["pm2"]) == (None, {"free": True}, None)
    assert found["health"]["error"] == f"nothing listens on port {port}"


def kept(folder, text):
    """Write what the shell starts, and start the shell."""
    (folder / "keep.sh").write_text(shell_program("webhook/supervise"))
    (folder / "env").write_bytes(b'ONE=it\'s "one"\0TWO=a\nb\0')
    (folder / "argv").write_bytes(b"\0".join([b"/bin/bash", b"-c", text.encode()]) + b"\0")
    return subprocess.Popen(["bash", folder / "keep.sh"], cwd="/", start_new_session=True)


def wait_for(what):
    """Return when this is true."""
    late = time.monotonic() + 60
    while not what():
        assert time.monotonic() < late
        time.sleep(0.02)


def test_what_falls_is_started_again_and_what_ends_well_is_let_go(tmp_path):
    work = 'echo x >>count; [[ $(wc -l <count) -ge 2 ]] || exit 1; printf %s "$ONE$TWO" >told'
    shell = kept(tmp_path, work)
    assert shell.wait(10) == 0
    assert (tmp_path / "count").read_text() == "x\nx\n"
    assert (tmp_path / "told").read_text() == 'it\'s "one"a\nb'
    assert not (tmp_path / "keeper.pid").exists()


def test_the_shell_says_who_it_is_and_keeps_nothing_open_for_others(tmp_path):
    shell = kept(tmp_path, "exec sleep 60")
    try:
        wait_for((tmp_path / "out.log").exists)
        assert (tmp_path / "keeper.pid").read_text() == f"{shell.pid} {started(shell.pid)}\n"
        assert (tmp_path / "out.log").stat().st_mode & 0o077 == 0
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()


def test_a_receiver_that_ends_at_once_is_told_of_in_its_own_words(tmp_path):
    project = Project(tmp_path, tools(tmp_path / "bin", "bash", "env", "dirname", "sleep"))
    crontab = tmp_path / "bin/crontab"
    crontab.write_text(f"#!/bin/sh\n[ $1 = -l ] || exec /bin/cat >{tmp_path}/tab\n")
    crontab.chmod(0o755)
    says = "echo 'error: it has no secret' >&2; echo 'hint: inv webhook.secret' >&2; exit 1"
    entry = {"script": "/bin/bash", "args": ["-c", says], "env": {}}
    done = project.run(
        "webhook/start_receiver",
        job="",
        app="app-webhook",
        webhook={"bind": "127.0.0.1", "port": 1, "path": "/webhook"},
        files={
            "pm2.json": json.dumps({"apps": [entry]}),
            "keep.sh": shell_program("webhook/supervise"),
        },
        config={"by": "cron"},
        digest="d",
        keep=[],
        start_seconds=2,
        health={},
    )
    pid = int((project.root / ".deploy/webhook/keeper.pid").read_text().split()[0])
    os.killpg(pid, signal.SIGKILL)
    assert done.code == REFUSED
    told = json.loads(done.out)
    assert (told["code"], told["facts"]) == ("receiver-silent", {"why": "it has no secret"})
    assert "keep.sh" in (tmp_path / "tab").read_text()
    assert not (project.root / ".deploy/webhook/installed.json").exists()
