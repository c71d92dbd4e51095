"""Connections over SSH: targets, host keys, identities, errors."""
