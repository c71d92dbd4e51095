// The health of the version's other apps: they answer no request, but must run and must not have just crashed.
'use strict';
const { ageOfProcess, isAlive } = require('../../remote/scripts/process');
const { ownWorkers } = require('./pm2');
const { comebacks, lostFor, standing, unsteady } = require('./process_state');

const isAtRest = (app, worker) =>
  app.rests &&
  (worker.status === 'stopped' || (worker.status === 'online' && !isAlive(worker.pid)));
const busy = (app) => app.workers.filter((worker) => !isAtRest(app, worker));

const workersBeside = (others) => others.flatMap((app) => app.workers);
// The processes whose exit is a crash.
const steadyBeside = (others) => workersBeside(others.filter((app) => !app.rests));

// The first app that has a problem, and the problem.
function firstWrong(others, wrong) {
  for (const app of others) {
    const found = app.workers.length > 0 && busy(app).length === 0 ? '' : wrong(app);
    if (found)
      return { app: app.name, ...found, reason: `app ${app.name}: ${found.reason || found}` };
  }
  return null;
}

const fallen = (others) => firstWrong(others, (app) => standing(busy(app), app.name));
const unsteadyBeside = (others) => firstWrong(others, (app) => unsteady(busy(app)));

const comebacksBeside = (others) =>
  new Map(others.map((app) => [app.name, comebacks(app.workers)]));

const lostBeside = (others, before) =>
  firstWrong(others, (app) => lostFor(busy(app), before.get(app.name) || 0, app.name));

const stoodBeside = (others, seconds) =>
  others.flatMap(busy).every((worker) => ageOfProcess(worker.pid) >= seconds);

// Refuses an app of the same name that runs in another directory.
function ownVersion(seen) {
  ownWorkers([...seen.workers, ...workersBeside(seen.others || [])]);
  return { ...seen, others: seen.others || [] };
}

module.exports = {
  comebacksBeside,
  fallen,
  lostBeside,
  ownVersion,
  steadyBeside,
  stoodBeside,
  unsteadyBeside,
  workersBeside,
};
