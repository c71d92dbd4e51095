"""The parts of every change: lock, steps, activation, recovery and failure reports."""
