"""Backups: created, listed, verified, pruned, transferred, copied off the host."""
