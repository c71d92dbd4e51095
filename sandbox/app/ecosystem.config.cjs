module.exports = {
  apps: [
    {
      name: "manager",
      script: "dist/index.js",
      exec_mode: "fork",
      kill_timeout: 3000,
      env: { NODE_ENV: "production" },
    },
  ],
};
