"""PM2 on the host: what runs, how it is started and stopped, and its crashes."""
