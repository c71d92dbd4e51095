"""Ordered side effects on a Host: each op returns data, never prints."""
