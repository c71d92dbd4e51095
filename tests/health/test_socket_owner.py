"""Whose a connection is, where it is handed on between two looks."""

import json

from tests.support.project_dir import Project, need

SERVER = """
const server = require('net').createServer(() => {});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""
# What a worker holds is read once before the connection has come to it, and then again.
HANDED_ON = """
const child = spawn(process.execPath, ['-e', %s], { stdio: ['ignore', 'pipe', 'inherit'] });
const listed = fs.readdirSync;
const blind = () => {
  let looks = 0;
  const first = (place) => place === `/proc/${child.pid}/fd` && looks++ === 0;
  fs.readdirSync = (place) => (first(place) ? [] : listed(place));
};
child.stdout.once('data', (text) => {
  const socket = net.connect(Number(text), '127.0.0.1', async () => {
    const kin = new Map([[child.pid, [child.pid]]]);
    while (!takerOf(socket, kin, 0).worker) await sleep(0.01);
    blind();
    const seen = takerOf(socket, kin, 0);
    blind();
    const passing = takerOf(socket, new Map(), child.pid);
    child.kill();
    reply({ worker: seen.worker === child.pid, passing });
    process.exit(0);
  });
});
"""


def test_a_connection_that_comes_to_a_worker_between_two_looks_is_the_workers(tmp_path):
    need("node")
    done = Project(tmp_path).run("health/socket_owner", after=HANDED_ON % json.dumps(SERVER))
    assert json.loads(done.out) == {"worker": True, "passing": {"passing": True}}
