// The same app as two workers: PM2 replaces them one by one, so a reload drops no request.
const [app] = require("./ecosystem.config.cjs").apps;

module.exports = { apps: [{ ...app, exec_mode: "cluster", instances: 2 }] };
