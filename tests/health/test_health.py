"""How the app is asked for its health: over one connection, whole or not at all."""

from __future__ import annotations

import json

import pytest

from tests.support.project_dir import Project, need

# A server of our own process: what it writes to whoever connects, and how often somebody did.
ASKED = """
let connections = 0;
const server = net.createServer((socket) => {
  connections += 1;
  socket.on('error', () => {});
  socket.once('data', () => %s);
});
server.listen(0, '127.0.0.1', async () => {
  const answer = await ask(`http://127.0.0.1:${server.address().port}/`, () => new Map(), 2);
  reply({ connections, right: isRight(answer), why: isRight(answer) ? '' : reasonOf(answer) });
  process.exit(0);
});
"""
# The only worker of the app is this process, and PM2 takes longer to say so than there is patience.
WAITED = """
const server = http.createServer((request, response) => response.end('ok'));
const worker = { pid: process.pid, status: 'online', restarts: 0, up_since: now() - 100, cwd: '' };
const slow = async () => {
  await sleep(0.3);
  return { workers: [worker] };
};
server.listen(0, '127.0.0.1', async () => {
  params.health_url = `http://127.0.0.1:${server.address().port}/`;
  const { healthy, reason } = await waitHealthy(slow, { wait: 0, retries: 1, delay: 0.1 });
  reply({ healthy, reason });
  process.exit(0);
});
"""
HEAD = "HTTP/1.1 200 OK\\r\\n"


def asked(place, deed):
    """Return what was found of a server that does this when it is asked."""
    told = {"health": {"body": ""}, "health_url": "", "app": "manager"}
    done = Project(place).run("health/health", after=ASKED % deed, **told)
    return json.loads(done.out)


def test_the_question_goes_over_the_connection_whose_taker_is_known(tmp_path):
    need("node")
    seen = asked(tmp_path, f"socket.end('{HEAD}Content-Length: 2\\r\\n\\r\\nok')")
    assert seen == {"connections": 1, "right": True, "why": ""}


@pytest.mark.parametrize(
    "deed",
    [
        f"socket.end('{HEAD}Content-Length: 9\\r\\n\\r\\nok')",
        f"socket.end('{HEAD}Transfer-Encoding: chunked\\r\\n\\r\\n5\\r\\nok')",
        f"{{ socket.write('{HEAD}Content-Length: 9\\r\\n\\r\\nok'); socket.resetAndDestroy(); }}",
    ],
)
def test_an_answer_that_is_cut_short_is_none(tmp_path, deed):
    need("node")
    seen = asked(tmp_path, deed)
    assert (seen["right"], seen["connections"]) == (False, 1)
    assert seen["why"] in {"the answer was cut short", "aborted", "read ECONNRESET"}


def test_the_app_is_asked_once_even_when_pm2_took_all_the_time(tmp_path):
    need("node")
    told = {"health": {"body": ""}, "app": "manager"}
    done = Project(tmp_path).run("health/health", after=WAITED, **told)
    assert json.loads(done.out) == {"healthy": True, "reason": ""}
