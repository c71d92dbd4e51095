// Runs programs of the host in one process, many in a second: each line asked is {text, params, shift}, each line answered
// what the program replied or left as its result, and how it ended. The clock can be moved.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');

class Ended extends Error {}

function world(params, shift, said) {
  const file = path.join(params.project_dir, '.params');
  fs.writeFileSync(file, JSON.stringify(params) + '\n');
  const ownFs = Object.create(fs);
  ownFs.writeSync = (handle, ...rest) =>
    handle === 1 ? said.push(String(rest[0])) : fs.writeSync(handle, ...rest);
  const ownProcess = Object.create(process, {
    env: { value: { ...process.env, OPS_PARAMS_FD: '' } },
    exit: {
      value: (code) => {
        throw Object.assign(new Ended(), { code });
      },
    },
    on: { value: () => {} },
    umask: { value: () => {} },
  });
  ownFs.readFileSync = (name, ...rest) => fs.readFileSync(name === 3 ? file : name, ...rest);
  const ownRequire = (name) =>
    name === 'fs' ? ownFs : name === 'os' ? { ...require('os'), setPriority() {} } : require(name);
  const OwnDate = class extends Date {
    constructor(...args) {
      super(...(args.length ? args : [Date.now() + shift * 1000]));
    }

    static now() {
      return Date.now() + shift * 1000;
    }
  };
  return { ownRequire, ownProcess, OwnDate };
}

async function run({ text, params, shift }) {
  const said = [];
  const result =
    params.job && path.join(params.project_dir, '.deploy/jobs', params.job, 'result.json');
  if (result) {
    fs.mkdirSync(path.dirname(result), { recursive: true });
    fs.rmSync(result, { force: true });
  }
  const { ownRequire, ownProcess, OwnDate } = world(params, shift, said);
  let code = 0;
  try {
    await new Function('require', 'process', 'Date', text)(ownRequire, ownProcess, OwnDate);
  } catch (error) {
    code = error instanceof Ended ? error.code : 93;
    if (!(error instanceof Ended)) said.push(String(error.stack));
  }
  const left = result && fs.existsSync(result) ? JSON.parse(fs.readFileSync(result, 'utf8')) : null;
  const reply = said.filter((one) => one.startsWith('{')).pop();
  return {
    code,
    said: said.filter((one) => !one.startsWith('\x1e')).join(''),
    answer: reply ? JSON.parse(reply) : left,
  };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
})();
