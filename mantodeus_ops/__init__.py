"""mantodeus-ops: ships, backs up, watches and rolls back a Node.js app under PM2."""
