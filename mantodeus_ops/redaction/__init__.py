"""Secrets: which values are secret, how programs print them, and their removal from output."""
