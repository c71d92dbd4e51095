"""What the host tells of `.env`: the file, its example, the databases that it names."""

import base64
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.support.project_dir import Project, tools

SECRET = "p'a\"ss\\w#rd"
PASSWORD = "p%27a%22ss%5Cw%23rd"
# A client that shows what it was told, and by which way.
CLIENT = """
printf '%s\\n' "$0 $*" > "$OUT.argv"; env > "$OUT.env"; cat /dev/fd/3 > "$OUT.pipe"
[ -e "$OUT.refuse" ] && { echo "ERROR 1045: access denied" >&2; exit 1; }
exit 0
"""
DRIVER = "exports.createConnection = (url) => ({{ connect: (end) => end({error}) }});"


@pytest.fixture
def listener():
    """Yield the port of somebody who listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def project(place, **clients):
    """Return a project whose host has these clients on its PATH."""
    texts = {name: f"OUT={place}/{name}\n{CLIENT}" for name in clients}
    return Project(place, path=tools(place / "bin", "bash", "cat", "env", **texts)).fill()


def ask(found, env, **params):
    """Return what is told of this `.env`."""
    (found.root / ".env").write_text(env)
    told = {"env_example": ".env.example", "app": "app", "pm2": "pm2", "probe": True}
    told |= {"health_url": "http://127.0.0.1:1/", **params}
    done = found.run("env/env_facts", **told)
    assert done.code == 0, done.out
    return json.loads(done.out.strip().splitlines()[-1])


def url(scheme, port):
    """Return the address of a database that listens there."""
    return f"DATABASE_URL={scheme}://app:{PASSWORD}@127.0.0.1:{port}/app\n"


def test_tells_how_the_file_lies_there_byte_for_byte(tmp_path):
    found = project(tmp_path)
    (found.root / ".env.example").write_text("A=\n")
    told = ask(found, "A=1\r\n", probe=False)
    assert base64.b64decode(told["file"]["bytes"]) == b"A=1\r\n"
    assert told["file"]["present"]
    assert told["file"]["mine"]
    assert told["example"] == "A=\n"
    assert told["process"]["running"] is False
    assert told["probes"] is None


@pytest.mark.parametrize(
    ("target", "link"), [("inside.env", "inside"), ("../outside.env", "outside"), ("no", "broken")]
)
def test_tells_where_a_link_leads(tmp_path, target, link):
    found = project(tmp_path)
    (found.root / "inside.env").write_text("A=1\n")
    (tmp_path / "outside.env").write_text("A=1\n")
    (found.root / ".env").unlink()
    (found.root / ".env").symlink_to(target)
    done = found.run(
        "env/env_facts", env_example=".env.example", app="a", pm2="pm2", health_url="", probe=False
    )
    told = json.loads(done.out.strip().splitlines()[-1])["file"]
    assert told["link"] == link
    assert told["file"] == ("inside.env" if link == "inside" else ".env")


def test_a_database_that_nobody_runs_is_out_of_reach(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    told = ask(project(tmp_path), url("mysql", port))["probes"]["databases"]
    assert told == [{"name": "DATABASE_URL", "port": port, "reach": "ECONNREFUSED", "login": ""}]


def test_without_a_client_only_the_port_is_known(tmp_path, listener):
    told = ask(project(tmp_path), url("postgres", listener))["probes"]["databases"][0]
    assert (told["reach"], told["login"]) == ("ok", "no client")


@pytest.mark.parametrize(("client", "scheme"), [("mysql", "mysql"), ("psql", "postgres")])
@pytest.mark.parametrize("refused", [False, True])
def test_a_client_gets_the_password_by_a_pipe_only(tmp_path, listener, client, scheme, refused):
    found = project(tmp_path, **{client: True})
    if refused:
        (tmp_path / f"{client}.refuse").touch()
    told = ask(found, url(scheme, listener))["probes"]["databases"][0]
    assert told["login"] == ("refused" if refused else "ok")
    assert told["why"] == ("ERROR 1045: access denied" if refused else "")
    seen = {part: (tmp_path / f"{client}.{part}").read_text() for part in ("argv", "env", "pipe")}
    assert SECRET not in seen["argv"] + seen["env"]
    assert PASSWORD not in seen["argv"] + seen["env"]
    spelled = '"p\'a\\"ss\\\\w#rd"' if client == "mysql" else SECRET
    assert f"password={spelled}\n" in seen["pipe"]


@pytest.mark.parametrize(("error", "login"), [("null", "ok"), ("{ code: 'ER_DENIED' }", "refused")])
def test_the_driver_of_the_app_itself_is_asked_first(tmp_path, listener, error, login):
    found = project(tmp_path, mysql=True)
    driver = found.root / "node_modules/mysql2/index.js"
    driver.parent.mkdir(parents=True)
    driver.write_text(DRIVER.format(error=error))
    told = ask(found, url("mysql", listener))["probes"]["databases"][0]
    assert told["login"] == login
    assert not (tmp_path / "mysql.argv").exists()


def test_what_is_no_address_is_told_and_a_file_is_no_server(tmp_path):
    found = project(tmp_path)
    told = ask(found, "DATABASE_URL=nonsense\n")["probes"]["databases"]
    assert told == [{"name": "DATABASE_URL", "reach": "no address"}]
    assert ask(found, "DATABASE_URL=file:./dev.db\nOTHER=x\n")["probes"]["databases"] == []


class Careless(BaseHTTPRequestHandler):
    """A server that hands out everything, or the same page for everything."""

    def do_GET(self):
        """Answer with the file, as far as it is asked for it."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, *args):
        """Say nothing."""


@pytest.mark.parametrize(("text", "served"), [("SECRET=1\n", True), ("<html>hello", False)])
def test_notices_a_server_that_hands_out_the_file(tmp_path, text, served):
    server = HTTPServer(("127.0.0.1", 0), Careless)
    server.text = text
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/health"
        told = ask(project(tmp_path), "SECRET=1\n", health_url=address)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert told["probes"]["served"] is served
