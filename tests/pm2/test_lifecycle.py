"""PM2's daemon reloads; its own program does where that cannot be, and waits for its turn."""

import json
import socket
import struct
import threading
import time

import pytest

from tests.support.pm2_reloads import others_reload
from tests.support.project_dir import Project

# A PM2 that says what it is told to, call after call, with the words of PM2 5 and 6.
BUSY = "[PM2][ERROR] Reload already in progress, please try again in 29 seconds or use --force"
PM2 = """#!/bin/bash
echo "$*" >>{calls}
mapfile -t calls <{calls}
case ${{#calls[@]}} in
  [1-{busy}]) echo "{said}" >&2; exit 1 ;;
  *) echo "[PM2] [manager](0) {ends}"; exit {code} ;;
esac
"""
ASKED = (
    "reloaded([{ id: 0 }]).then((done) => { reply({ code: done.code }); process.exit(0); }, fail);"
)


@pytest.mark.parametrize(("said", "code", "calls"), [(BUSY, 0, 3), (BUSY, 1, 3), ("no such", 1, 1)])
def test_a_reload_waits_while_another_app_is_reloaded(tmp_path, said, code, calls):
    home = tmp_path / "home"
    home.mkdir()
    with others_reload(tmp_path, home):
        assert reloaded(tmp_path, said, code) == ["reload manager"] * calls


def test_a_reload_that_was_killed_is_not_waited_for(tmp_path):
    assert reloaded(tmp_path, BUSY, 0)[1] == "reload manager --force"


def here(place, text):
    """Return a program that finds its PM2 in this place."""
    return f"process.env.PM2_HOME = {json.dumps(str(place / 'home'))};\n{text}"


def reloaded(place, said, code):
    """Reload an app whose PM2 says that at first, and ends with this code; return its calls."""
    counted, pm2 = place / "calls", place / "pm2"
    pm2.write_text(PM2.format(calls=counted, busy=2, said=said, ends="ended", code=code))
    pm2.chmod(0o755)
    after = here(place, ASKED)
    done = Project(place).run("pm2/lifecycle", after=after, app="manager", pm2=f"/bin/bash {pm2}")
    assert json.loads(done.out.splitlines()[-1]) == {"code": code}, done.out
    return counted.read_text().splitlines()


def message(text):
    """Return a message of PM2's daemon: two parts, each after its length."""
    parts = [f"j:{text}".encode(), b"s:ops:0"]
    return b"\x12" + b"".join(struct.pack(">I", len(part)) + part for part in parts)


def daemon(home, answers):
    """Answer so many calls as PM2's daemon would; return what it was asked, as it comes."""
    asked = []
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(home / "rpc.sock"))
    listener.listen()

    def serve():
        for answer in answers:
            line, _ = listener.accept()
            size = struct.unpack(">I", line.recv(5)[1:])[0]
            asked.append(json.loads(line.recv(size)[2:]))
            line.sendall(message(json.dumps(answer)))
            line.close()

    threading.Thread(target=serve, daemon=True).start()
    return asked


@pytest.mark.parametrize(
    ("answers", "locked", "calls"),
    [
        ([{"args": [{}]}, {"args": [{}]}], False, 0),
        ([{"args": [{}]}, {"error": "Reload already in progress for process id 1"}], False, 1),
        ([{"error": 'method "reloadProcessId" does not exist'}], False, 1),
        ([], False, 1),
        ([{"args": [{}]}, {"args": [{}]}], True, 0),
    ],
)
def test_the_daemon_is_asked_first_and_pm2_where_it_does_not_do_it(
    tmp_path, answers, locked, calls
):
    project, counted, home = Project(tmp_path), tmp_path / "calls", tmp_path / "home"
    home.mkdir()
    (home / "reload.lock").write_text(f"{time.time() * 1000:.0f}" if locked else "")
    asked = daemon(home, answers)
    (tmp_path / "pm2").write_text(f"echo called >>{counted}")
    after = ASKED.replace("[{ id: 0 }]", "[{ id: 0 }, { id: 1 }]")
    pm2 = f"/bin/bash {tmp_path / 'pm2'}"
    done = project.run("pm2/lifecycle", after=here(tmp_path, after), app="manager", pm2=pm2)
    assert json.loads(done.out.splitlines()[-1]) == {"code": 0}, done.out
    assert (counted.read_text().count("\n") if counted.exists() else 0) == calls
    ids = [one["args"][0] for one in asked]
    assert ids == [{"id": number, "env": {}} for number in range(len(answers))]


def test_pm2_is_left_to_do_it_while_another_reload_runs(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    asked = daemon(home, [{"args": [{}]}])
    (tmp_path / "pm2").write_text("echo called")
    pm2 = f"/bin/bash {tmp_path / 'pm2'}"
    with others_reload(tmp_path, home):
        done = Project(tmp_path).run(
            "pm2/lifecycle", after=here(tmp_path, ASKED), app="manager", pm2=pm2
        )
    assert json.loads(done.out.splitlines()[-1]) == {"code": 0}, done.out
    assert asked == []
