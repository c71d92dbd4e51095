"""Answers of host programs, decoded strictly."""
