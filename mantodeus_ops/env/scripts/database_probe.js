// Tests whether the databases in .env can be reached from the host and, if a client exists, whether the login works.
// A password is never in an argument, a variable or a file: clients read it from a pipe.
'use strict';
const net = require('net');
const { spawn } = require('child_process');
const { cleanEnv } = require('../../remote/scripts/commands');
const { onPath } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { textLines } = require('../../text/whitespace');

const PORTS = {
  mysql: 3306,
  mariadb: 3306,
  postgres: 5432,
  postgresql: 5432,
  mongodb: 27017,
  redis: 6379,
  rediss: 6379,
};
const REACH_SECONDS = 5;

// Runs in a separate process, as a driver may hang or exit; reads the address from standard input.
// eslint-disable-next-line no-restricted-syntax -- the text is JavaScript, where indentation does not matter
const DRIVER = `
const { createRequire } = require('module');
const need = createRequire(process.cwd() + '/');
const url = require('fs').readFileSync(0, 'utf8');
const end = (error) => { process.stdout.write(JSON.stringify(error ? { why: String(error.code || error.message || error) } : { ok: true })); process.exit(0); };
process.on('uncaughtException', end).on('unhandledRejection', end);
if (/^(mysql|mariadb):/.test(url)) need('mysql2').createConnection(url.replace(/^mariadb:/, 'mysql:')).connect(end);
else { const { Client } = need('pg'); new Client({ connectionString: url, connectionTimeoutMillis: 5000 }).connect().then(() => end(), end); }
`;

function address(text) {
  try {
    const url = new URL(text);
    const scheme = url.protocol.slice(0, -1);
    return {
      url,
      scheme,
      host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
      port: Number(url.port) || PORTS[scheme],
    };
  } catch {
    return null;
  }
}

function knock(host, port) {
  return new Promise((done) => {
    const socket = net.connect({ host, port, timeout: REACH_SECONDS * 1000 });
    const end = (word) => socket.destroy() && done(word);
    socket
      .on('connect', () => end('ok'))
      .on('timeout', () => end('no answer'))
      .on('error', (error) => end(error.code || error.message));
  });
}

function fed(argv, text, env = cleanEnv()) {
  return new Promise((done) => {
    const child = spawn(argv[0], argv.slice(1), {
      cwd: project,
      env,
      timeout: 2 * REACH_SECONDS * 1000,
    });
    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (output.out += chunk));
    child.stderr.on('data', (chunk) => (output.err += chunk));
    child.stdin.on('error', () => {}); // it may exit without reading
    child
      .on('error', () => done({ code: 127, ...output }))
      .on('close', (code) => done({ code, ...output }));
    child.stdin.end(text);
  });
}

async function byDriver(text) {
  const { out } = await fed([process.execPath, '-e', DRIVER], text);
  try {
    const result = JSON.parse(out);
    return result.why === 'MODULE_NOT_FOUND' ? null : result;
  } catch {
    return null;
  }
}

// Node's pipes are sockets, which cannot be opened as /dev/fd/3, so bash makes a real pipe.
const PIPED = ['bash', '-c', 'exec 4<&0 </dev/null; exec "$@" 3< <(exec cat <&4) 4<&-', 'client'];
const part = (text) => decodeURIComponent(text);
const quoted = (text) => `"${part(text).replace(/[\\"]/g, '\\$&')}"`;

function clientOf({ url, scheme, host, port }) {
  const name = part(url.pathname.slice(1));
  if (/^postgres/.test(scheme)) {
    const service = `[ops]\nhost=${host}\nport=${port}\nuser=${part(url.username)}\npassword=${part(url.password)}\ndbname=${name || 'postgres'}\nconnect_timeout=${REACH_SECONDS}\n`;
    return {
      names: ['psql'],
      argv: ['-X', '-w', '-c', 'select 1'],
      text: service,
      env: { PGSERVICEFILE: '/dev/fd/3', PGSERVICE: 'ops' },
    };
  }
  const settings = `[client]\nhost=${quoted(host)}\nport=${port}\nuser=${quoted(url.username)}\npassword=${quoted(url.password)}\nprotocol=tcp\nconnect-timeout=${REACH_SECONDS}\n`;
  return {
    names: ['mysql', 'mariadb'],
    argv: ['--defaults-file=/dev/fd/3', '-e', 'select 1', ...(name ? [name] : [])],
    text: settings,
  };
}

async function byClient(target) {
  const client = clientOf(target);
  const program = client.names.find(onPath);
  if (!program) return null;
  const { code, err } = await fed(
    [...PIPED, program, ...client.argv],
    client.text,
    cleanEnv(client.env),
  );
  return code === 0 ? { ok: true } : { why: textLines(err).pop() || '' };
}

async function probeOne(name, text) {
  const target = address(text);
  const known = target && Object.hasOwn(PORTS, target.scheme);
  if (!known)
    return name === 'DATABASE_URL' && !/^(file|sqlite):/.test(text)
      ? { name, reach: 'no address' }
      : null;
  const found = {
    name,
    port: target.port,
    reach: await knock(target.host, target.port),
    login: '',
  };
  if (found.reach !== 'ok' || !/^(mysql|mariadb|postgres)/.test(target.scheme)) return found;
  const tried = (await byDriver(text)) || (await byClient(target));
  return {
    ...found,
    login: !tried ? 'no client' : tried.ok ? 'ok' : 'refused',
    why: tried ? tried.why || '' : '',
  };
}

// Whether a text has a line that sets this variable.
function sets(body, name) {
  const line = new RegExp(`^[ \\t]*(export[ \\t]+)?${name}[ \\t]*=`);
  return textLines(body).some((text) => line.test(text));
}

// Whether the web server serves .env itself.
function served(names) {
  const http = require(/^https:/.test(params.health_url) ? 'https' : 'http');
  return new Promise((done) => {
    const request = http.get(
      new URL('/.env', params.health_url),
      { timeout: REACH_SECONDS * 1000 },
      (answer) => {
        let body = '';
        answer
          .on('data', (chunk) => body.length < 65536 && (body += chunk))
          .on('close', () =>
            done(answer.statusCode === 200 && names.some((name) => sets(body, name))),
          );
      },
    );
    request.on('timeout', () => request.destroy()).on('error', () => done(false));
  });
}

async function probe(variables) {
  const filled = [...variables].filter(([, value]) => value);
  const [databases, open] = await Promise.all([
    Promise.all(filled.map(([name, value]) => probeOne(name, value))),
    served(filled.map(([name]) => name)),
  ]);
  return { databases: databases.filter(Boolean), served: open };
}

module.exports = { probe };
