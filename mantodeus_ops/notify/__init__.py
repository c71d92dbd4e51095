"""Notifications of deploys."""
