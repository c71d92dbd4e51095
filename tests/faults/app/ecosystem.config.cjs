module.exports = {
  apps: [
    {
      name: "manager",
      script: "dist/index.js",
      exec_mode: "fork",
      kill_timeout: 3000,
      env: { NODE_ENV: "production" },
    },
    { name: "manager-jobs", script: "packages/jobs/dist/jobs.js", kill_timeout: 3000 },
  ],
};
