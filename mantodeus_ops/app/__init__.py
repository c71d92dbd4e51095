"""The app under PM2, as facts."""
