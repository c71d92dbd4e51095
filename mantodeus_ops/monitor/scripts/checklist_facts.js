// Facts for the checklists only: errors since the start, the start page, critical URLs, start at reboot, access.
'use strict';
const fs = require('fs');
const path = require('path');
const { readBegan } = require('../../pm2/scripts/crashes');
const { askApp, healthUrl, isAsked } = require('../../health/scripts/health_answer');
const { nodeFiles } = require('../../app/scripts/node_versions');
const { mask } = require('../../redaction/scripts/app_secrets');
const { run } = require('../../remote/scripts/commands');
const { exists, readText } = require('../../remote/scripts/files');
const { params, project } = require('../../remote/scripts/params');
const { accessFacts } = require('../../ssh/scripts/access');
const { textLines } = require('../../text/whitespace');
const { sinceStart, tailSince } = require('../../transaction/scripts/failure_report');

const QUOTED_LINES = 3;

// Lines without times count if the file was written after the process began.
function errorsOf(worker) {
  const file = worker.err_log;
  if (!file || !exists(file) || fs.statSync(file).mtimeMs / 1000 < worker.since) return [];
  const lines = textLines(tailSince(file, sinceStart(file, readBegan())));
  const stamped = lines.filter(
    (line) =>
      (Date.parse(
        (/^\W?(\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)/.exec(line) || [])[1] || '',
      ) / 1000 || Infinity) >= Math.floor(worker.since),
  );
  return mask(stamped.slice(-QUOTED_LINES).join('\n')).split('\n').filter(Boolean);
}

async function answersAt(url) {
  const answer = await askApp(url);
  return { url, status: answer.status, seconds: answer.seconds, error: answer.error || '' };
}

// Whether the crontab has a line that starts PM2 at reboot, also one that was not written by this tool.
function rebootFacts() {
  const listed = run(['crontab', '-l'], { cwd: '/' });
  if (listed.code === 127) return { known: false, present: false };
  return {
    known: true,
    present: textLines(listed.stdout).some((line) =>
      /^[ \t]*@reboot\b.*\b(pm2|resurrect)\b/s.test(line),
    ),
  };
}

// The first page, beside the path that is asked for the health.
const firstPage = (url) =>
  url.startsWith('unix:') ? `${url.slice(0, url.indexOf(':/', 5))}:/` : new URL('/', url).href;

const noPage = async () => ({ url: '', status: 0, seconds: 0, error: '' });

// What the live version asks of node.
function nodeWishes() {
  const root = params.root || '';
  const read = (name) => {
    try {
      return readText(path.join(project, name));
    } catch {
      return ''; // it cannot be read by this account, and not by its node either
    }
  };
  const packages = [...new Set([path.join(root, 'package.json'), 'package.json'])];
  return {
    node_files: nodeFiles(root, read),
    packages: Object.fromEntries(packages.map((name) => [name, ofNode(read(name))])),
  };
}

// Of a package.json only what is about node.
function ofNode(text) {
  try {
    const { engines, volta, devEngines } = JSON.parse(text);
    return JSON.stringify({ engines, volta, devEngines });
  } catch {
    return '';
  }
}

async function inspection(workers) {
  const [seen, ...critical] = await Promise.all([
    isAsked() ? answersAt(firstPage(healthUrl())) : noPage(),
    ...(params.critical_urls || []).map((url) => answersAt(healthUrl(url))),
  ]);
  return {
    errors: workers.flatMap(errorsOf),
    page: seen,
    critical,
    reboot: rebootFacts(),
    backups_present: exists(path.resolve(project, params.backup_dir)),
    ...nodeWishes(),
    access: accessFacts(),
  };
}

module.exports = { inspection };
