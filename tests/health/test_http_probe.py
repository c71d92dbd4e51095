"""Where a health check goes: localhost in both families, headers, and a socket with its owner."""

from __future__ import annotations

import json
import socket
import tempfile

import pytest

from tests.support.project_dir import Project, need

SERVED = """
const server = http.createServer((asked, answer) => answer.end(JSON.stringify(asked.headers)));
server.listen(0, '%s', async () => {
  const url = `http://localhost:${server.address().port}/`;
  const { status, body } = await ask(url, null, 2, { 'X-Forwarded-Proto': 'https' });
  reply({ status, forwarded: JSON.parse(body)['x-forwarded-proto'] });
  process.exit(0);
});
"""
REFUSED = """
const connect = net.connect;
net.connect = (at) => {
  const socket = connect(at.host === '::1' ? { host: '127.0.0.1', port: 1 } : at);
  if (at.host === '::1')
    socket.emit = (name, error, ...more) =>
      net.Socket.prototype.emit.call(socket, name, name === 'error' ? absent : error, ...more);
  return socket;
};
const absent = Object.assign(new Error('connect EADDRNOTAVAIL ::1'), { code: 'EADDRNOTAVAIL' });
ask('http://localhost:1/').then(({ refused, error }) => reply({ refused, error }));
"""
# A server of another process at a socket: as a worker, and as a stranger.
OWNED = """
const text = `
  const server = require('http').createServer((asked, answer) => answer.end(asked.url));
  server.listen(process.argv[1], () => console.log('up'));
`;
const child = spawn(process.execPath, ['-e', text, params.listen], {
  stdio: ['ignore', 'pipe', 'inherit'],
  cwd: project,
});
child.stdout.once('data', async () => {
  const seen = [];
  for (const kin of [new Map([[child.pid, [child.pid]]]), new Map()]) {
    const answer = await ask('unix:app.sock:/health?x=1', () => kin, 2);
    seen.push([answer.status, answer.body, answer.worker === child.pid, Boolean(answer.stranger)]);
  }
  child.kill();
  reply({ seen, gone: (await ask('unix:none.sock:/', null, 2)).refused });
});
"""


@pytest.mark.parametrize("family", ["127.0.0.1", "::1"])
def test_localhost_is_either_family_and_headers_go_along(tmp_path, family):
    need("node")
    if family == "::1" and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    done = Project(tmp_path).run("health/http_probe", after=SERVED % family)
    assert json.loads(done.out) == {"status": 200, "forwarded": "https"}


def _has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_a_host_without_ipv6_does_not_hide_that_nothing_listens(tmp_path):
    need("node")
    done = Project(tmp_path).run("health/http_probe", after=REFUSED)
    assert json.loads(done.out) == {"refused": True, "error": "nothing listens on port 1"}


@pytest.fixture
def short():
    """Yield a directory in which the path of a socket is not too long."""
    with tempfile.TemporaryDirectory(dir="/tmp") as place:
        yield place


@pytest.mark.parametrize("listen", ["app.sock", "{root}/app.sock"])
def test_the_owner_of_a_socket_is_known_as_that_of_a_port(short, listen):
    need("node")
    project = Project(short)
    told = {"listen": listen.format(root=project.root)}
    seen = json.loads(project.run("health/http_probe", after=OWNED, **told).out)
    worker, other = seen["seen"]
    assert worker == [200, "/health?x=1", True, False]
    assert other == [200, "/health?x=1", False, True]
    assert seen["gone"]
