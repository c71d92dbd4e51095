// Facts about the webhook receiver: what is installed, whether it runs, which process listens on its port, and its answer.
// `params.app` is the name of the receiver in PM2.
'use strict';
const path = require('path');
const { cronLines, cronText } = require('../../app/scripts/crontab');
const { ask } = require('../../health/scripts/http_probe');
const { listApp } = require('../../pm2/scripts/pm2');
const { holds, ofAccount, socketRows, withCommand } = require('../../health/scripts/socket_owner');
const { digestOf, exists } = require('../../remote/scripts/files');
const { inDeploy, params, project } = require('../../remote/scripts/params');
const { everyPid, isAlive } = require('../../remote/scripts/process');
const { readState, stateText } = require('../../remote/scripts/state_file');
const { fieldsOf } = require('../../text/whitespace');

const hookDir = inDeploy('webhook');
const hookFile = inDeploy('webhook.json');
const hookLog = path.join(hookDir, 'out.log');
const hookMark = cronText(`# mantodeus-ops: start the webhook's receiver in ${project}`);

function recorded() {
  const known = readState(hookFile, { otherwise: {} });
  return { ...known, alive: Boolean(known.started) && isAlive(Number(known.pid), known.started) };
}

// The shell that supervises the receiver without PM2.
function supervisor() {
  const [pid, started] = fieldsOf(stateText(path.join(hookDir, 'keeper.pid')));
  return { pid: Number(pid) || 0, alive: Boolean(started) && isAlive(Number(pid), started) };
}

function listenerOn(port, known) {
  const rows = socketRows().filter((row) => row.listens && row.port === port);
  const inodes = new Set(rows.map((row) => row.inode));
  if (rows.length === 0) return { free: true };
  if (known.alive && holds(known.pid, inodes)) return { ours: true, pid: known.pid };
  const pid = everyPid().find((candidate) => holds(candidate, inodes));
  if (!pid) return { stranger: ofAccount(rows[0].uid) };
  return { stranger: withCommand(pid), pid };
}

// The URL of the receiver on the host: a wildcard address is replaced by loopback, as one cannot connect to it.
function hookUrl(where) {
  const { bind, port } = params.webhook;
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[bind] || bind;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}${where}`;
}

async function receiverFacts() {
  const known = recorded();
  const [worker] = await listApp().then(
    ({ workers }) => workers,
    () => [],
  );
  return {
    config: exists(hookFile) ? known : null,
    inventory: digestOf(path.join(hookDir, 'hosts.toml')), // exists if the tool was copied over SSH
    installed: readState(path.join(hookDir, 'installed.json')),
    listener: listenerOn(params.webhook.port, known),
    health: await ask(hookUrl('/health'), null, 3),
    pm2: worker || null,
    supervisor: supervisor(),
    cron: cronLines().text.includes(hookMark),
  };
}

module.exports = {
  hookDir,
  hookFile,
  hookLog,
  hookMark,
  hookUrl,
  supervisor,
  listenerOn,
  receiverFacts,
  recorded,
};
