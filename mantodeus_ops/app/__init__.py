"""Facts about the app under PM2."""
