"""Backups: creating, listing, verifying, pruning and copying them."""
