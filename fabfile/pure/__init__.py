"""Decisions: total functions over strings and frozen dataclasses; no I/O, no clock, no Host."""
