// The steps of a run: announced, timed and recorded in the journal.
'use strict';
const { mask } = require('../../redaction/scripts/app_secrets');
const { announce, print } = require('../../remote/scripts/job_log');
const { params } = require('../../remote/scripts/params');
const { monotonic } = require('../../remote/scripts/time');
const { journal } = require('./journal');

const steps = [...(params.steps || [])];
const began = monotonic() - (params.spent || 0);

// The progress of this run: files of the app that it kept, the digests of .env when it started the app, and whether it
// has started the app.
const progress = { written: null, env: null, started: false };
const say = (text) => print(mask(text));

async function step(name, work) {
  const start = monotonic();
  announce({ step: name, status: 'started' });
  journal({ step: name });
  let status = 'ok';
  try {
    return await work();
  } catch (error) {
    status = 'failed';
    throw Object.assign(error, { step: name });
  } finally {
    const seconds = monotonic() - start;
    steps.push({ name, status, seconds: Math.round(seconds * 1000) / 1000 });
    announce({ step: name, status, seconds });
  }
}

module.exports = { began, progress, say, step, steps };
