"""The .env file: listed, checked, edited, synced."""
