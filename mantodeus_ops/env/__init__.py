"""The .env file: listing, checking, editing and syncing it."""
