"""Connections over SSH: targets, host keys, identities and errors."""
