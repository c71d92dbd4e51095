"""Deploys, rollbacks, and the lifecycle of the app."""
